-- uid, key (3)
local uid, name, len, digest = unpack(A, 1, 4)
if not known(uid) then return { event, 'unknown' } end
if call('HEXISTS', 'uid:' .. uid, 'key_name') == 1 then return { event, 'has_key' } end
call('HSET', 'uid:' .. uid, 'key_name', name, 'key_len', len, 'key_digest', digest)
call('HINCRBY', 'key_refs', name, 1)
call('SREM', 'keyless', uid)
touch(uid)
idle(uid)
return { event, 'attached' }
