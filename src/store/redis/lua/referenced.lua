-- names of blobs; those that are referred to
local kept = {}
for i = 1, #A do
  if call('HEXISTS', 'key_refs', A[i]) == 1 or call('HEXISTS', 'refs', A[i]) == 1 then kept[#kept + 1] = A[i] end
end
return { 0, kept }
