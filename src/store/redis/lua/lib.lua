-- What every script begins with: keys, time, events, numbers.
-- KEYS[1] is the prefix of every key (one hash tag, the version of the layout). ARGV begins with what is common:
-- a held clock (tests; else empty), the life of a result in ms, attempts, the lease in ms, the length of the event log.
local P = KEYS[1]
local FORMAT = 1 -- of records: a greater one was written by a newer program and is left alone
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000) -- leases are measured by Redis' own clock, always
local now = tonumber(ARGV[1]) or clock
local RESULT_TTL, ATTEMPTS, LEASE, LOG = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local A = {}
for i = 6, #ARGV do
  A[i - 5] = ARGV[i]
end

local function call(command, key, ...)
  return redis.call(command, P .. key, ...)
end

-- A whole number as Redis and people read it.
local function whole(x)
  return string.format('%.0f', x)
end

-- A whole number whose text sorts like itself.
local function pad(x)
  return string.format('%013.0f', math.max(0, tonumber(x)))
end

-- The same, shorter, for counts: hexadecimal, below 16^width.
local function brief(x, width)
  return string.format('%0' .. width .. 'x', x)
end

-- Number of the last event of this script; 0: it changed nothing that is told.
local event = 0

-- An entry is named by its number and by when the numbers began: after a FLUSHALL they begin anew.
local function tell(...)
  event = call('HINCRBY', 'meta', 'event', 1)
  local life = call('HGET', 'meta', 'life')
  if not life then
    life = whole(clock)
    call('HSET', 'meta', 'life', life)
  end
  call('XADD', 'events', 'MAXLEN', '~', LOG, whole(event) .. '-' .. life, ...)
end

-- A task's status as an event; an empty one: it is gone.
local function tell_task(id, status)
  tell('k', 'task', 'id', id, 'status', status or '')
end

-- What was accepted goes on also where memory is full: Redis refuses only the first write of a script, and never one
-- that frees memory. For scripts that take nothing new in.
local function go_on()
  call('DEL', 'nothing')
end

local function readable(version)
  return (tonumber(version) or 0) <= FORMAT
end

-- The queue lies in one sorted set per use case and capability: a claim looks at the heads of those that it may take,
-- and a place among all is the sum of the places in each.
local function queue_length()
  local length = 0
  for _, name in ipairs(call('SMEMBERS', 'groups')) do
    length = length + call('ZCARD', 'queue:' .. name)
  end
  return length
end

-- A task's record as the program reads it: with the words that the record only names.
local function shown(id)
  local flat = call('HGETALL', 'task:' .. id)
  for i = 1, #flat, 2 do
    if flat[i] == 'needs' then flat[i + 1] = call('HGET', 'capabilities', flat[i + 1]) or '' end
  end
  return flat
end
