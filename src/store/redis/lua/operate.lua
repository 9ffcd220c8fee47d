-- rows of the log to keep, door, name, role, deed, its number (priority), ids ..; one row of the log for each
go_on()
local keep, door, name, role, deed, number = unpack(A, 1, 6)
local effects, rows = {}, 0

local function log(object, result)
  local n = call('HINCRBY', 'meta', 'audit', 1)
  call('XADD', 'audit', 'MAXLEN', keep, whole(n) .. '-0', 'at', whole(now), 'door', door, 'name', name, 'role', role,
    'action', (deed == 'raise') and 'priority' or deed, 'object', object, 'result', result)
end

local did = { revoked = 'done', requested = 'stopping', ended = 'refused', unknown = 'gone', requeued = 'done',
  deleted = 'done' }
for i = 7, #A do
  local id = A[i]
  local r = peek(id)
  local word, status
  garbage = {}
  if deed == 'cancel' then
    word, status = cancel(id, r, '')
  elseif deed == 'requeue' then
    word, status = requeue(id, r)
  elseif deed == 'delete' then
    word, status = delete(id, r)
  else
    local wanted = tonumber(number)
    if deed == 'raise' and r then wanted = (tonumber(r.priority) or 0) + wanted end
    word, status = set_priority(id, r, wanted)
  end
  local effect, result = did[word] or word, did[word] or word
  if effect == 'refused' then
    result = 'refused: ' .. status
  elseif word == 'done' then
    result = 'done: priority ' .. whole(status)
  end
  -- An id that names no task may be a uid that was pasted into the wrong place.
  log(effect == 'gone' and string.sub(id, 1, 8) .. '…' or id, result)
  effects[#effects + 1] = { effect, effect == 'refused' and status or '', garbage }
end
return { event, effects }
