-- use case, paused (1 or 0)
go_on()
local changed = call(A[2] == '1' and 'SADD' or 'SREM', 'paused', A[1])
if changed == 1 then tell('k', 'paused', 'use_case', A[1], 'paused', A[2]) end
return { event }
