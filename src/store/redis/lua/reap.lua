-- Ends claims whose lease has passed, and waiting tasks whose attempts are used up (after the number allowed became
-- smaller). Answers the ids, at most 100.
go_on()
local reaped = {}

for _, id in ipairs(call('ZRANGEBYSCORE', 'lease', '-inf', whole(clock), 'LIMIT', 0, 100)) do
  local before, newer = peek(id)
  if before and before.status == 'started' then
    local after = copy(before)
    if before.cancelling == '1' then
      finish(after, 'revoked')
    elseif attempts(before) >= ATTEMPTS then
      give_up(after)
    else
      put_back(after)
    end
    after.token = nil
    save(id, before, after)
    tell_task(id, after.status)
    reaped[#reaped + 1] = id
  elseif not newer then
    call('ZREM', 'lease', id)
  end
end

for _, member in ipairs(call('ZRANGEBYLEX', 'retried', '[' .. pad(ATTEMPTS), '+', 'LIMIT', 0, 100)) do
  local id = string.sub(member, -36)
  local before = peek(id)
  if before then
    local after = copy(before)
    give_up(after)
    save(id, before, after)
    tell_task(id, after.status)
    reaped[#reaped + 1] = id
  end
end
return { event, reaped }
