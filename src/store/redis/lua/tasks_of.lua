-- uid; the number of its tasks
return { 0, known(A[1]) and call('HLEN', 'uid:' .. A[1] .. ':tasks') or 0 }
