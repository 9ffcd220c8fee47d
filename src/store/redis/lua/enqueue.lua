-- id, again, uid, client, use case, capability, priority, input (3), idempotency key, received,
-- limit of all, limit of one client
local id, again, uid, client, use_case, capability = unpack(A, 1, 6)
local priority, name, len, digest, key, received = unpack(A, 7, 12)
local limit, limit_of_client = tonumber(A[13]), tonumber(A[14])

if call('EXISTS', 'task:' .. id) == 1 then
  -- Sent again because the first answer was lost: it was this call.
  local mine = again == '1' and blob(id, peek(id), 'input') == name
  return { event, mine and 'new' or 'existing', id }
end
if not known(uid) then return { event, 'unknown_uid' } end
if key ~= '' then
  -- A mark of a fixed length: keys may be long. Two keys of one uid with the same mark would be refused as a conflict.
  key = '+' .. string.sub(redis.sha1hex(key), 1, 16)
  local other = call('HGET', 'uid:' .. uid .. ':tasks', key)
  if other then
    if call('HGET', 'task:' .. other, 'input_digest') ~= digest then return { event, 'conflict' } end
    return { event, 'existing', other }
  end
end
local waiting = queue_length()
if waiting >= limit then return { event, 'full', whole(waiting) } end
waiting = tonumber(call('HGET', 'waiting', client)) or 0
if waiting >= limit_of_client then return { event, 'full_of_client', whole(waiting) } end

-- Capabilities are few: a name of the use case, or of the version of what it works on.
local function number_of(capability)
  local number = call('HGET', 'capability_numbers', capability)
  if number then return number end
  number = whole(call('HINCRBY', 'meta', 'capability', 1))
  call('HSET', 'capability_numbers', capability, number)
  call('HSET', 'capabilities', number, capability)
  return number
end

priority = math.max(-10, math.min(10, tonumber(priority)))
-- What goes without saying is not written: attempt 0, priority 0, the names that follow from others.
local r = {
  v = '1', n = call('HINCRBY', 'meta', 'n', 1), uid = uid, client = client, use_case = use_case, status = 'queued',
  place = new_place(client, priority), input_len = len, input_digest = digest, created = now,
  upload_ms = now - tonumber(received),
}
if capability ~= use_case then r.needs = number_of(capability) end
if priority ~= 0 then r.priority = priority end
if name ~= usual(id, r, 'input') then r.input_name = name end
if key ~= '' then r.key = key end
save(id, nil, r)
tell_task(id, 'queued')
touch(uid)
return { event, 'new', id }
