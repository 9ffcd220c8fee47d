-- names of blobs; those that are referred to
local kept = {}
for i = 1, #A do
  if referred(A[i]) then kept[#kept + 1] = A[i] end
end
return { 0, kept }
