-- nonce, worker, device, capabilities ..
go_on()
local nonce, worker, device = unpack(A, 1, 3)
local able = {}
for i = 4, #A do
  able[A[i]] = true
end

local known_as = call('HGET', 'tokens', nonce)
if known_as then
  -- A nonce whose task has ended already is no right to another one.
  local r = load(known_as)
  if r and r.status == 'started' then return { event, known_as, shown(known_as) } end
  return { event, false, {} }
end

-- The first of a group whose record this program is able to read.
local function head(name)
  for at = 0, 99 do
    local member = call('ZRANGE', 'queue:' .. name, at, at)[1]
    if not member then return nil end
    if readable(call('HGET', 'task:' .. string.sub(member, -36), 'v')) then return member end
  end
end

local best
for _, name in ipairs(call('SMEMBERS', 'groups')) do
  local use_case, number = string.match(name, '^([^|]*)|?(.*)$')
  if able[number == '' and use_case or call('HGET', 'capabilities', number)] and call('SISMEMBER', 'paused', use_case) == 0 then
    local member = head(name)
    if member and (not best or member < best) then best = member end
  end
end
if not best then return { event, false, {} } end

local id = string.sub(best, -36)
local before = load(id)
local after = copy(before)
after.status, after.attempt, after.started, after.progress = 'started', attempts(before) + 1, now, '0'
after.worker, after.device, after.token, after.ended_as, after.told = worker, device, nonce, nil, nil
save(id, before, after)
local band, vt = string.sub(before.place, 1, 2), tonumber(string.sub(before.place, 4, 12), 16)
if vt > (tonumber(call('HGET', 'vclock', band)) or 0) then call('HSET', 'vclock', band, whole(vt)) end
touch(before.uid)
tell_task(id, 'started')
return { event, id, shown(id) }
