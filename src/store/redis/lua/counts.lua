-- Lengths: queued, started, success, completed, failure, revoked; then each use case with its waiting tasks.
local counts = { queue_length() }
for _, status in ipairs({ 'started', 'success', 'completed', 'failure', 'revoked' }) do
  counts[#counts + 1] = call('ZCARD', 'state:' .. status)
end
local waiting = {}
for _, name in ipairs(call('SMEMBERS', 'groups')) do
  waiting[#waiting + 1] = { string.match(name, '^[^|]*'), call('ZCARD', 'queue:' .. name) }
end
return { 0, counts, waiting }
