-- id
local id = A[1]
local r = call('HMGET', 'task:' .. id, 'status', 'place')
if r[1] ~= 'queued' then return { 0, 0, 0 } end
local before = 0
for _, name in ipairs(call('SMEMBERS', 'groups')) do
  before = before + call('ZLEXCOUNT', 'queue:' .. name, '-', '(' .. r[2] .. ':' .. id)
end
return { 0, before + 1, queue_length() }
