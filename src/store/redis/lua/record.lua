-- A task's record (hash `task:<id>`) and everything that is derived from it. `save` is the one place that writes
-- either, so that an index cannot differ from its record (I1).
-- Every index is a sorted set of equal scores: its members sort by their text, exactly, whatever the numbers.
-- What follows from the rest is not written, and members are short: a waiting task takes less than 1 KB of memory.

local function terminal(status)
  return status ~= 'queued' and status ~= 'started'
end

-- The record, or nil also where a newer program wrote it.
local function peek(id)
  local flat = call('HGETALL', 'task:' .. id)
  if #flat == 0 then return nil end
  local r = {}
  for i = 1, #flat, 2 do
    r[flat[i]] = flat[i + 1]
  end
  if not readable(r.v) then return nil, true end
  return r
end

-- The record; that of a newer program ends the script before it has changed anything.
local function load(id)
  local r, newer = peek(id)
  if newer then error('NEWER record of task ' .. id) end
  return r
end

local function copy(r)
  local c = {}
  for field, value in pairs(r) do
    c[field] = value
  end
  return c
end

-- Tasks for which a worker needs the same. A capability that is not the use case's name is written as its number in
-- `capabilities`: it may be long, and a value of more than 64 bytes would make a record take three times the memory.
local function group(r)
  return r.needs and r.use_case .. '|' .. r.needs or r.use_case
end

local function attempts(r)
  return tonumber(r.attempt) or 0
end

-- The tasks of a uid, from the hash that holds them: under the mark of its idempotency key, else under the id itself.
local function ids(flat)
  local found = {}
  for i = 1, #flat, 2 do
    found[#found + 1] = flat[i + 1] ~= '' and flat[i + 1] or flat[i]
  end
  return found
end

-- The member of a waiting task in its queue.
local function waits(id, r)
  return r.place .. ':' .. id
end

-- Where a record stands in each index.
local function indexes(id, r)
  local at = {}
  if not r then return at end
  local tail = pad(r.n) .. ':' .. id
  at.created = tail
  -- Band and virtual time: no two tasks of a client share them.
  if not terminal(r.status) then at['client:' .. r.client] = string.sub(r.place, 1, 12) end
  if r.status == 'queued' then
    at['queue:' .. group(r)] = waits(id, r)
    if attempts(r) > 0 then at.retried = pad(r.attempt) .. ':' .. id end
  end
  if r.started then at.begun = pad(r.started) .. ':' .. tail end
  if r.status == 'started' then at['state:started'] = at.begun end
  if terminal(r.status) then
    at.ended = pad(r.finished) .. ':' .. tail
    at['state:' .. r.status] = at.ended
  end
  if r.expires then at.expires = pad(r.expires) .. ':' .. id end
  return at
end

-- The usual name of a task's input or result, which is not written: it would not fit into a small record.
local function usual(id, r, what)
  return what == 'input' and 'inputs/' .. id or 'results/' .. id .. '/' .. (r.token or '')
end

-- The name of a record's input or result, or nil.
local function blob(id, r, what)
  if not r or not r[what .. '_digest'] then return nil end
  return r[what .. '_name'] or usual(id, r, what)
end

-- The task after which a blob is named.
local function namesake(name)
  return string.match(name, '^inputs/([^/]+)$') or string.match(name, '^results/([^/]+)/')
end

-- Is a blob referred to? By the record of its namesake, or counted in `refs` (tasks) or `key_refs` (uids).
local function referred(name)
  if call('HEXISTS', 'refs', name) == 1 or call('HEXISTS', 'key_refs', name) == 1 then return true end
  local id = namesake(name)
  if not id then return false end
  local r, newer = peek(id)
  return newer or blob(id, r, 'input') == name or blob(id, r, 'result') == name
end

-- Blobs that lost their last reference in this script, as name, length, digest; the caller deletes them.
local garbage = {}

local function drop(name, len, digest)
  if not referred(name) then
    garbage[#garbage + 1] = name
    garbage[#garbage + 1] = len
    garbage[#garbage + 1] = digest
  end
end

local function uncount(key, field)
  if call('HINCRBY', key, field, -1) <= 0 then call('HDEL', key, field) end
end

local function refer(id, before, after, what)
  local old, new = blob(id, before, what), blob(id, after, what)
  if old == new then return end
  if new and namesake(new) ~= id then call('HINCRBY', 'refs', new, 1) end
  if old then
    if namesake(old) ~= id then uncount('refs', old) end
    drop(old, before[what .. '_len'], before[what .. '_digest'])
  end
end

-- A uid without a task waits for its own end.
local function idle(uid)
  local u = call('HMGET', 'uid:' .. uid, 'last_used', 'key_name', 'deleting')
  call('ZREM', 'idle:keyed', uid)
  call('ZREM', 'idle:keyless', uid)
  if u[1] and u[3] ~= '1' and call('HLEN', 'uid:' .. uid .. ':tasks') == 0 then
    call('ZADD', u[2] and 'idle:keyed' or 'idle:keyless', u[1], uid)
  end
end

local function write(id, before, after)
  if not after then return call('DEL', 'task:' .. id) end
  local set, gone = {}, {}
  for field, value in pairs(after) do
    if type(value) == 'number' then
      value = whole(value)
      after[field] = value
    end
    if not before or before[field] ~= value then
      set[#set + 1] = field
      set[#set + 1] = value
    end
  end
  for field in pairs(before or {}) do
    if after[field] == nil then gone[#gone + 1] = field end
  end
  if #set > 0 then call('HSET', 'task:' .. id, unpack(set)) end
  if #gone > 0 then call('HDEL', 'task:' .. id, unpack(gone)) end
end

local function is(r, status)
  return r ~= nil and r.status == status
end

-- Stores what differs; before == nil: a new task; after == nil: it is removed.
local function save(id, before, after)
  write(id, before, after)
  local old, new, r = indexes(id, before), indexes(id, after), after or before
  for key, member in pairs(old) do
    if new[key] ~= member then call('ZREM', key, member) end
  end
  for key, member in pairs(new) do
    if old[key] ~= member then call('ZADD', key, 0, member) end
  end
  if is(after, 'queued') and not is(before, 'queued') then
    call('SADD', 'groups', group(r))
    call('HINCRBY', 'waiting', r.client, 1)
  elseif is(before, 'queued') and not is(after, 'queued') then
    if call('ZCARD', 'queue:' .. group(r)) == 0 then call('SREM', 'groups', group(r)) end
    uncount('waiting', r.client)
  end
  if is(after, 'started') and not is(before, 'started') then
    call('ZADD', 'lease', whole(clock + LEASE), id)
    call('HINCRBY', 'uid:' .. r.uid, 'running', 1)
  elseif is(before, 'started') and not is(after, 'started') then
    call('ZREM', 'lease', id)
    call('HINCRBY', 'uid:' .. r.uid, 'running', -1)
  end
  local token, new_token = before and before.token, after and after.token
  if token ~= new_token then
    if token then call('HDEL', 'tokens', token) end
    if new_token then call('HSET', 'tokens', new_token, id) end
  end
  refer(id, before, after, 'input')
  refer(id, before, after, 'result')
  if not (before and after) then
    local tasks = 'uid:' .. r.uid .. ':tasks'
    if after then
      call('HSET', tasks, r.key or id, r.key and id or '')
    else
      call('HDEL', tasks, r.key or id)
    end
    idle(r.uid)
  end
end
