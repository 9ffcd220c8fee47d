-- id
local r = call('HMGET', 'task:' .. A[1], 'status', 'place')
if r[1] ~= 'queued' then return { 0, 0, 0 } end
local rank = call('ZRANK', 'queue', r[2] .. ':' .. A[1])
if not rank then return { 0, 0, 0 } end
return { 0, rank + 1, call('ZCARD', 'queue') }
