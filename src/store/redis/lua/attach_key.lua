-- uid, key (3); answers the name of the uid's blob
local uid, name, len, digest = unpack(A, 1, 4)
if not known(uid) then return { event, 'unknown', '' } end
if call('HEXISTS', 'uid:' .. uid, 'key_name') == 1 then return { event, 'has_key', '' } end
name = give_key(uid, name, len, digest)
call('SREM', 'keyless', uid)
touch(uid)
idle(uid)
return { event, 'attached', name }
