-- a uid's tag or its beginning (or empty), a uid (or empty): at most two uids that both admit, and the number of tasks
-- of the first
local tag, uid = A[1], A[2]
local uids = {}
if tag ~= '' then
  for _, member in ipairs(call('ZRANGEBYLEX', 'tags', '[' .. tag, '(' .. tag .. '\255', 'LIMIT', 0, 2)) do
    uids[#uids + 1] = string.sub(member, -36)
  end
else
  uids[1] = uid
end
local tasks = uids[1] and call('HLEN', 'uid:' .. uids[1] .. ':tasks') or 0
return { 0, uids, tasks }
