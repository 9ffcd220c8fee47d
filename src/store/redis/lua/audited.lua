-- behind which row (or empty), how many: newest first
return { 0, call('XREVRANGE', 'audit', A[1] == '' and '+' or '(' .. A[1] .. '-0', '-', 'COUNT', A[2]) }
