-- fields and values of a row
call('XADD', 'runs', whole(call('HINCRBY', 'meta', 'run', 1)) .. '-0', unpack(A))
return { 0 }
