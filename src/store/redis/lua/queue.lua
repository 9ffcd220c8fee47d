-- Parts of the transitions of a task's life.

-- Does the uid exist without being deleted?
local function known(uid)
  local u = call('HMGET', 'uid:' .. uid, 'v', 'deleting')
  return u[1] and u[2] ~= '1'
end

-- Marks a uid as used now.
local function touch(uid)
  local last = tonumber(call('HGET', 'uid:' .. uid, 'last_used'))
  if last and now > last then call('HSET', 'uid:' .. uid, 'last_used', whole(now)) end
end

-- A fresh place at the end of the client's share: `band:virtual time:order of queueing`, see store/mod.rs.
local function new_place(client, priority)
  local band = string.format('%02.0f', 10 - priority)
  local vt = tonumber(call('HGET', 'vclock', band)) or 0
  local last = call('ZREVRANGEBYLEX', 'client:' .. client, '(' .. band .. ';', '[' .. band .. ':', 'LIMIT', 0, 1)[1]
  if last then vt = math.max(vt, tonumber(string.sub(last, 4), 16) + 1) end
  return band .. ':' .. brief(vt, 9) .. ':' .. brief(call('HINCRBY', 'meta', 'seq', 1), 10)
end

-- Puts a record into a terminal state. Later than the end before a requeue, also when the clock has stepped back: a
-- fetch names its result by it.
local function finish(r, status)
  local finished = math.max(now, (tonumber(r.last_finished) or -1) + 1)
  r.status, r.finished, r.expires = status, finished, finished + RESULT_TTL
  r.progress, r.told = nil, nil
end

-- Back to its place in the queue.
local function put_back(r)
  r.status, r.token, r.started, r.progress, r.told = 'queued', nil, nil, nil, nil
end

-- A task whose attempts are used up.
local function give_up(r)
  finish(r, 'failure')
  r.failure, r.failure_detail = 'attempts_exhausted', 'its worker was lost ' .. r.attempt .. ' times'
end

-- Marks a running task as being cancelled, once.
local function flag(id, r)
  if r.cancelling == '1' then return end
  local after = copy(r)
  after.cancelling = '1'
  save(id, r, after)
  tell('k', 'cancel', 'id', id)
end

local function remove(id, r)
  save(id, r, nil)
  tell_task(id, nil)
end

-- Lets a uid refer to its key. Equal keys share the blob that came first, as long as somebody refers to it; answers
-- its name.
local function give_key(uid, name, len, digest)
  local same = len .. ':' .. digest
  local shared = call('HGET', 'key_blobs', same)
  if shared and call('HEXISTS', 'key_refs', shared) == 1 then
    name = shared
  else
    call('HSET', 'key_blobs', same, name)
  end
  call('HSET', 'uid:' .. uid, 'key_name', name, 'key_len', len, 'key_digest', digest)
  call('HINCRBY', 'key_refs', name, 1)
  return name
end

-- Removes the record of a uid that has no task.
local function forget(uid)
  local u = call('HMGET', 'uid:' .. uid, 'key_name', 'key_len', 'key_digest', 'tag', 'client')
  call('DEL', 'uid:' .. uid)
  call('ZREM', 'tags', (u[4] or '') .. ':' .. uid)
  call('SREM', 'uids:' .. (u[5] or ''), uid)
  call('SREM', 'keyless', uid)
  call('SREM', 'deleting', uid)
  idle(uid)
  if u[1] then
    uncount('key_refs', u[1])
    local same = u[2] .. ':' .. u[3]
    if call('HEXISTS', 'key_refs', u[1]) == 0 and call('HGET', 'key_blobs', same) == u[1] then
      call('HDEL', 'key_blobs', same)
    end
    drop(u[1], u[2], u[3])
  end
end
