-- The time, and of each node its report, when it came, its slots that are to claim nothing more.
local nodes = {}
local all = call('HGETALL', 'nodes')
for i = 1, #all, 2 do
  nodes[#nodes + 1] = { all[i + 1], call('ZSCORE', 'nodes:seen', all[i]), call('SMEMBERS', 'draining:' .. all[i]) }
end
return { 0, whole(now), nodes }
