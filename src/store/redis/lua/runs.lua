-- behind which row (or empty), how many, finished since (or empty), the first row to look at (or empty: not known yet).
-- Newest first, and beside them the end-to-end times that fetches filled in; 1: there may be more; the first row to
-- look at.
local behind, count, since, first = A[1], tonumber(A[2]), A[3], A[4]

-- The first row that can be late enough: times follow the numbers nearly always, but nothing promises it.
if first == '' and since ~= '' then
  local lowest
  for _, number in ipairs(call('ZRANGEBYSCORE', 'runs:finished', since, '+inf')) do
    number = tonumber(number)
    if not lowest or number < lowest then lowest = number end
  end
  if not lowest then return { 0, {}, {}, 0, '-' } end
  first = whole(lowest) .. '-0'
elseif first == '' then
  first = '-'
end

local rows = call('XREVRANGE', 'runs', behind == '' and '+' or '(' .. behind, first, 'COUNT', count)
local numbers = {}
for i, row in ipairs(rows) do
  numbers[i] = string.sub(row[1], 1, -3)
end
local times = #rows > 0 and call('HMGET', 'runs:end_to_end', unpack(numbers)) or {}
return { 0, rows, times, #rows == count and 1 or 0, first }
