-- node, report, forgotten after ms, its slots that claim nothing more by its own word ..
go_on()
local node, report, silence = unpack(A, 1, 3)
for _, gone in ipairs(call('ZRANGEBYSCORE', 'nodes:seen', '-inf', whole(now - tonumber(silence)))) do
  call('ZREM', 'nodes:seen', gone)
  call('HDEL', 'nodes', gone)
  call('DEL', 'draining:' .. gone)
end
if call('HEXISTS', 'nodes', node) == 0 then
  for i = 4, #A do
    call('SADD', 'draining:' .. node, A[i])
  end
end
call('HSET', 'nodes', node, report)
call('ZADD', 'nodes:seen', whole(now), node)
return { 0, call('SMEMBERS', 'draining:' .. node) }
