-- 1 to look at keys of uids only (else 0), names of blobs; those that are referred to
local kept = {}
for i = 2, #A do
  local used = call('HEXISTS', 'key_refs', A[i]) == 1
  if used or (A[1] == '0' and call('HEXISTS', 'refs', A[i]) == 1) then kept[#kept + 1] = A[i] end
end
return { 0, kept }
