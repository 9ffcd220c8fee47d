-- uid; its record
return { 0, known(A[1]) and call('HGETALL', 'uid:' .. A[1]) or {} }
