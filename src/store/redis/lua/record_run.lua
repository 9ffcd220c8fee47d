-- finished, then fields and values of a row
local number = whole(call('HINCRBY', 'meta', 'run', 1))
call('XADD', 'runs', number .. '-0', unpack(A, 2))
call('ZADD', 'runs:finished', A[1], number)
return { 0 }
