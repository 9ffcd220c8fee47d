-- id, again, uid, tag, client, use case, capability, priority, input (3), idempotency key, received,
-- limit of all, limit of one client
local id, again, uid, tag, client, use_case, capability = unpack(A, 1, 7)
local priority, name, len, digest, key, received = unpack(A, 8, 13)
local limit, limit_of_client = tonumber(A[14]), tonumber(A[15])

if call('EXISTS', 'task:' .. id) == 1 then
  -- Sent again because the first answer was lost: it was this call.
  local mine = again == '1' and call('HGET', 'task:' .. id, 'input_name') == name
  return { event, mine and 'new' or 'existing', id }
end
if not known(uid) then return { event, 'unknown_uid' } end
if key ~= '' then
  local other = call('HGET', 'keys', uid .. ' ' .. key)
  if other then
    if call('HGET', 'task:' .. other, 'input_digest') ~= digest then return { event, 'conflict' } end
    return { event, 'existing', other }
  end
end
local waiting = call('ZCARD', 'queue')
if waiting >= limit then return { event, 'full', whole(waiting) } end
waiting = tonumber(call('HGET', 'waiting', client)) or 0
if waiting >= limit_of_client then return { event, 'full_of_client', whole(waiting) } end

priority = math.max(-10, math.min(10, tonumber(priority)))
local r = {
  v = '1', n = call('HINCRBY', 'meta', 'n', 1), uid = uid, tag = tag, client = client, use_case = use_case,
  capability = capability, status = 'queued', priority = priority, place = new_place(client, priority),
  attempt = '0', cancelling = '0', input_name = name, input_len = len, input_digest = digest,
  received = received, created = now, queued = now,
}
if key ~= '' then r.key = key end
save(id, nil, r)
tell_task(id, 'queued')
touch(uid)
return { event, 'new', id }
