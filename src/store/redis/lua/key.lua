-- uid; its record and the number of its tasks
if not known(A[1]) then return { 0, {}, 0 } end
return { 0, call('HGETALL', 'uid:' .. A[1]), call('HLEN', 'uid:' .. A[1] .. ':tasks') }
