-- A part of a page: walks one index from a place on. index, direction (1 or -1), behind (or empty), tasks wanted,
-- records to look at; conditions, empty where there is none: states (comma before and behind each), uid, uid's tag,
-- use case, id, worker, created since, created before; 1: the uid or the whole id settles which records there are.
local index, direction, behind, want, budget = A[1], A[2], A[3], tonumber(A[4]), tonumber(A[5])
local states, uid, tag, use_case, prefix, worker = unpack(A, 6, 11)
local since, before, narrow = tonumber(A[12]), tonumber(A[13]), A[14] == '1'

local function begins(text, with)
  return string.sub(text, 1, #with) == with
end

local function passes(id)
  if not begins(id, prefix) then return false end
  local r = call('HMGET', 'task:' .. id, 'status', 'uid', 'use_case', 'worker', 'created')
  if not r[1] then return false end
  return (states == '' or string.find(states, ',' .. r[1] .. ',', 1, true) ~= nil)
    and (uid == '' or r[2] == uid)
    and (tag == '' or begins(call('HGET', 'uid:' .. r[2], 'tag') or '', tag))
    and (use_case == '' or r[3] == use_case)
    and (worker == '' or string.find(r[4] or '', worker, 1, true) ~= nil)
    and (not since or tonumber(r[5]) >= since)
    and (not before or tonumber(r[5]) < before)
end

-- The members of a uid's tasks, or of one task, in the order of the index.
local function few()
  local members = {}
  for _, id in ipairs(uid ~= '' and ids(call('HGETALL', 'uid:' .. uid .. ':tasks')) or { prefix }) do
    local r = call('HMGET', 'task:' .. id, 'n', 'place', 'status', 'started', 'finished', 'attempt')
    if r[1] then
      local part = { n = r[1], place = r[2], status = r[3], started = r[4] or nil, finished = r[5] or nil,
        attempt = r[6] or nil, client = '', use_case = '' }
      local member
      if index ~= 'queue' then
        member = indexes(id, part)[index]
      elseif part.status == 'queued' then
        member = waits(id, part)
      end
      local fits = member and (behind == '' or (direction == '1' and member > behind)
        or (direction == '-1' and member < behind))
      if fits then members[#members + 1] = member end
    end
  end
  table.sort(members, function(a, b)
    if direction == '1' then return a < b end
    return a > b
  end)
  return members
end

local function range(key, count)
  if direction == '1' then
    return call('ZRANGEBYLEX', key, behind == '' and '-' or '(' .. behind, '+', 'LIMIT', 0, count)
  end
  return call('ZREVRANGEBYLEX', key, behind == '' and '+' or '(' .. behind, '-', 'LIMIT', 0, count)
end

local function many(count)
  if index ~= 'queue' then return range(index, count) end
  local members = {}
  for _, name in ipairs(call('SMEMBERS', 'groups')) do
    for _, member in ipairs(range('queue:' .. name, count)) do
      members[#members + 1] = member
    end
  end
  table.sort(members)
  return members
end

local members = narrow and few() or many(budget + 1)
local tasks, looked, last = {}, 0, ''
for _, member in ipairs(members) do
  if #tasks == want or looked == budget then return { 0, tasks, looked, last, 1 } end
  looked, last = looked + 1, member
  local id = string.sub(member, -36)
  if passes(id) then tasks[#tasks + 1] = { id, shown(id) } end
end
return { 0, tasks, looked, last, 0 }
