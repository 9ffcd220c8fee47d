-- uid, 1 when this goes on with a deletion that has begun; at most 500 tasks at once
local uid, goes_on = A[1], A[2] == '1'
if not known(uid) and not goes_on then return { event, 'unknown', 0, 0, garbage } end
if not goes_on then
  call('HSET', 'uid:' .. uid, 'deleting', '1')
  call('SADD', 'deleting', uid)
  idle(uid)
end
local running, newer, removed = 0, 0, 0
local tasks = 'uid:' .. uid .. ':tasks'
local most = 500 + (tonumber(call('HGET', 'uid:' .. uid, 'running')) or 0)
for _, id in ipairs(ids(call('HRANDFIELD', tasks, most, 'WITHVALUES'))) do
  local r = peek(id)
  if not r then
    newer = newer + 1
  elseif r.status == 'started' then
    flag(id, r)
    running = running + 1
  else
    -- Who listens hears that it was not run.
    if r.status == 'queued' then tell_task(id, 'revoked') end
    remove(id, r)
    removed = removed + 1
  end
end
local left = call('HLEN', tasks)
if left == 0 then forget(uid) end
return { event, 'deleted', running + newer, removed > 0 and left > running + newer and 1 or 0, garbage }
