-- behind which row (or empty), how many: newest first, each with the end-to-end time that a fetch filled in
local rows = {}
for _, row in ipairs(call('XREVRANGE', 'runs', A[1] == '' and '+' or '(' .. A[1], '-', 'COUNT', A[2])) do
  local number = string.gsub(row[1], '%-0$', '')
  rows[#rows + 1] = { row[1], row[2], call('HGET', 'runs:end_to_end', number) or '' }
end
return { 0, rows }
