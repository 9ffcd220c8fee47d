-- name of a slot or a node, draining (1 or 0); the slots it means
go_on()
local name, draining = A[1], A[2]
local names = call('HKEYS', 'nodes')
table.sort(names)
local found = {}
for _, node in ipairs(names) do
  for _, slot in ipairs(cjson.decode(call('HGET', 'nodes', node)).slots) do
    if node == name or slot.worker == name then
      found[#found + 1] = slot.worker
      if call(draining == '1' and 'SADD' or 'SREM', 'draining:' .. node, slot.worker) == 1 then
        tell('k', 'draining', 'worker', slot.worker, 'draining', draining)
      end
    end
  end
end
return { event, found }
