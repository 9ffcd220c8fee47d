-- id
return { 0, call('HGETALL', 'task:' .. A[1]) }
