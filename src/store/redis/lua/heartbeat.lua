-- (id, token, progress) ..; renews leases, takes progress over, answers for each: ok, cancel or lost
go_on()
local answers = {}
for i = 1, #A, 3 do
  local id, token, progress = A[i], A[i + 1], tonumber(A[i + 2])
  local r = call('HMGET', 'task:' .. id, 'status', 'token', 'cancelling', 'progress', 'told', 'v')
  if r[1] ~= 'started' or r[2] ~= token or not readable(r[6]) then
    answers[#answers + 1] = 'lost'
  else
    answers[#answers + 1] = r[3] == '1' and 'cancel' or 'ok'
    call('ZADD', 'lease', whole(clock + LEASE), id)
    -- A task shows as done only once its finish is stored.
    local text = A[i + 2]
    if progress and progress > 0.99 then
      progress, text = 0.99, '0.99'
    end
    if progress and progress > (tonumber(r[4]) or 0) then
      call('HSET', 'task:' .. id, 'progress', text)
      -- Told when it has moved by half a percent (less a rounding error).
      if progress - (tonumber(r[5]) or 0) >= 0.004999 then
        call('HSET', 'task:' .. id, 'told', text)
        tell('k', 'progress', 'id', id, 'progress', text)
      end
    end
  end
end
return { event, answers }
