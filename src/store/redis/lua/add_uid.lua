-- uid, tag, client, limit of the client's uids (0: any number), limit of uids without a key, key (3; an empty name: none);
-- answers the name of the uid's blob
local uid, tag, client = unpack(A, 1, 3)
local limit_of_client, limit = tonumber(A[4]), tonumber(A[5])
local name, len, digest = unpack(A, 6, 8)
if call('EXISTS', 'uid:' .. uid) == 1 then
  return { event, known(uid) and 'done' or 'unknown_uid', call('HGET', 'uid:' .. uid, 'key_name') or '' }
end

local mine = 'uids:' .. client
local function full()
  return limit_of_client > 0 and call('SCARD', mine) >= limit_of_client
end
-- A program that does not know this key forgets uids without it, while servers are upgraded: some of a full set are
-- looked up.
if full() then
  for _, other in ipairs(call('SRANDMEMBER', mine, 100)) do
    if call('EXISTS', 'uid:' .. other) == 0 then call('SREM', mine, other) end
  end
  if full() then return { event, 'too_many_of_client', '' } end
end
if name == '' and call('SCARD', 'keyless') >= limit then return { event, 'too_many', '' } end
call('HSET', 'uid:' .. uid, 'v', '1', 'tag', tag, 'client', client, 'created', whole(now), 'last_used', whole(now),
  'running', '0')
if name == '' then
  call('SADD', 'keyless', uid)
else
  name = give_key(uid, name, len, digest)
end
call('SADD', mine, uid)
call('ZADD', 'tags', 0, tag .. ':' .. uid)
idle(uid)
return { event, 'done', name }
