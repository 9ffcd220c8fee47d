-- rows to keep, then (door, name, role, action, object, result) ..
go_on()
for i = 2, #A, 6 do
  local n = call('HINCRBY', 'meta', 'audit', 1)
  call('XADD', 'audit', 'MAXLEN', A[1], whole(n) .. '-0', 'at', whole(now), 'door', A[i], 'name', A[i + 1],
    'role', A[i + 2], 'action', A[i + 3], 'object', A[i + 4], 'result', A[i + 5])
end
return { 0 }
