-- id, token
go_on()
local id, token = A[1], A[2]
local before = load(id)
if not before or before.status ~= 'started' or before.token ~= token then return { event, 0 } end
local after = copy(before)
if before.cancelling == '1' then
  after.token = nil
  finish(after, 'revoked')
else
  put_back(after)
  after.attempt = math.max(0, attempts(before) - 1)
end
save(id, before, after)
tell_task(id, after.status)
return { event, 1 }
