-- node
call('HDEL', 'nodes', A[1])
call('ZREM', 'nodes:seen', A[1])
call('DEL', 'draining:' .. A[1])
return { 0 }
