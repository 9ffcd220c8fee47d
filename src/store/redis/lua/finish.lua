-- id, token, kind, then: success: result (3), computation in s, bootstraps; failure: label, detail
go_on()
local id, token, kind = unpack(A, 1, 3)
local before = load(id)
if not before or before.token ~= token then return { event, 'stale' } end
if before.status ~= 'started' then return { event, before.ended_as or 'stale' } end

local after = copy(before)
if kind == 'failure' then
  finish(after, 'failure')
  after.failure, after.failure_detail = A[4], A[5]
elseif kind == 'success' and before.cancelling ~= '1' then
  finish(after, 'success')
  after.result_len, after.result_digest = A[5], A[6]
  if A[4] ~= usual(id, before, 'result') then after.result_name = A[4] end
  local queued_ms = tonumber(before.started) - tonumber(before.queued or before.created)
  after.run = call('HINCRBY', 'meta', 'run', 1)
  call('XADD', 'runs', whole(after.run) .. '-0', 'task', id, 'origin', 'task', 'use_case', before.use_case,
    'device', before.device or '', 'finished', whole(after.finished),
    'upload_ms', whole(math.max(0, tonumber(before.upload_ms))), 'queue_ms', whole(math.max(0, queued_ms)),
    'server_s', A[7], 'bootstraps', A[8])
  call('ZADD', 'runs:finished', whole(after.finished), whole(after.run))
else
  finish(after, 'revoked')
end
after.ended_as = after.status
save(id, before, after)
tell_task(id, after.status)
return { event, after.status }
