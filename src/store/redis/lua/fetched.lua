-- id, end of the result that was handed over, last byte
go_on()
local id, finished, last_byte = unpack(A, 1, 3)
local before = load(id)
if not before or before.status ~= 'success' or before.finished ~= finished then return { event } end
local after = copy(before)
after.status, after.fetched = 'completed', last_byte
save(id, before, after)
if before.run then
  local received = tonumber(before.created) - tonumber(before.upload_ms)
  call('HSETNX', 'runs:end_to_end', before.run, whole(math.max(0, tonumber(last_byte) - received)))
end
tell_task(id, 'completed')
return { event }
