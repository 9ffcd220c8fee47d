-- uid, tag, client, limit of uids without a key, key (3; an empty name: none); answers the name of the uid's blob
local uid, tag, client, limit, name, len, digest = unpack(A, 1, 7)
if call('EXISTS', 'uid:' .. uid) == 1 then
  return { event, known(uid) and 'done' or 'unknown_uid', call('HGET', 'uid:' .. uid, 'key_name') or '' }
end
if name == '' and call('SCARD', 'keyless') >= tonumber(limit) then return { event, 'too_many', '' } end
call('HSET', 'uid:' .. uid, 'v', '1', 'tag', tag, 'client', client, 'created', whole(now), 'last_used', whole(now),
  'running', '0')
if name == '' then
  call('SADD', 'keyless', uid)
else
  name = give_key(uid, name, len, digest)
end
call('ZADD', 'tags', 0, tag .. ':' .. uid)
idle(uid)
return { event, 'done', name }
