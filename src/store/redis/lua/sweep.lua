-- limit of tasks and of uids, life of a key, life of a uid without one, runs to keep
local limit, key_ttl, keyless_ttl, keep = tonumber(A[1]), tonumber(A[2]), tonumber(A[3]), tonumber(A[4])
local tasks, uids, more = 0, 0, 0

-- A few more than wanted: the records of a newer program stay.
for _, member in ipairs(call('ZRANGEBYLEX', 'expires', '-', '(' .. pad(now + 1), 'LIMIT', 0, limit + 100)) do
  local id = string.sub(member, -36)
  local r = tasks < limit and peek(id)
  if r then
    remove(id, r)
    tasks = tasks + 1
  end
end
if tasks == limit then more = 1 end

-- Deletions whose last running task has stopped.
local done = 0
for _, uid in ipairs(call('SMEMBERS', 'deleting')) do
  if done == limit then break end
  if (tonumber(call('HGET', 'uid:' .. uid, 'running')) or 0) <= 0 then
    for _, id in ipairs(ids(call('HRANDFIELD', 'uid:' .. uid .. ':tasks', limit, 'WITHVALUES'))) do
      local r = peek(id)
      if r then remove(id, r) end
    end
    if call('HLEN', 'uid:' .. uid .. ':tasks') == 0 then
      forget(uid)
      done = done + 1
    else
      more = 1
    end
  end
end
if done == limit then more = 1 end
uids = uids + done

for kind, ttl in pairs({ keyed = key_ttl, keyless = keyless_ttl }) do
  local due = call('ZRANGEBYSCORE', 'idle:' .. kind, '-inf', whole(now - ttl), 'LIMIT', 0, limit)
  for _, uid in ipairs(due) do
    forget(uid)
  end
  uids = uids + #due
  if #due == limit then more = 1 end
end

-- The oldest of the run history, at most 1,000 at once.
local excess = math.min(1000, call('XLEN', 'runs') - keep)
if excess > 0 then
  for _, row in ipairs(call('XRANGE', 'runs', '-', '+', 'COUNT', excess)) do
    local number = string.sub(row[1], 1, -3)
    call('XDEL', 'runs', row[1])
    call('HDEL', 'runs:end_to_end', number)
    call('ZREM', 'runs:finished', number)
  end
end
return { event, tasks, uids, more, garbage }
