-- What operators do to one task: each answers a word, and what belongs to it.

local function cancel(id, r, owner)
  if not r or (owner ~= '' and owner ~= r.uid) then return 'unknown' end
  if r.status == 'started' then
    flag(id, r)
    return 'requested'
  end
  if r.status ~= 'queued' then return 'ended', r.status end
  local after = copy(r)
  finish(after, 'revoked')
  save(id, r, after)
  tell_task(id, 'revoked')
  return 'revoked'
end

local function requeue(id, r)
  if not r then return 'unknown' end
  if not terminal(r.status) then return 'refused', r.status end
  if not known(r.uid) then return 'unknown' end -- it is being deleted with its uid
  local after = {}
  local kept = { 'v', 'n', 'uid', 'client', 'use_case', 'needs', 'priority', 'input_name', 'input_len',
    'input_digest', 'upload_ms', 'created', 'key' }
  for _, field in ipairs(kept) do
    after[field] = r[field]
  end
  after.place = new_place(r.client, tonumber(r.priority) or 0)
  after.status, after.queued = 'queued', now
  after.last_finished = math.max(tonumber(r.finished), tonumber(r.last_finished) or 0)
  save(id, r, after)
  touch(r.uid)
  tell_task(id, 'queued')
  return 'requeued'
end

local function delete(id, r)
  if not r then return 'unknown' end
  if not terminal(r.status) then return 'refused', r.status end
  remove(id, r)
  return 'deleted'
end

local function set_priority(id, r, priority)
  priority = math.max(-10, math.min(10, priority))
  if not r then return 'unknown' end
  if r.status ~= 'queued' then return 'refused', r.status end
  if priority ~= (tonumber(r.priority) or 0) then
    local after = copy(r)
    -- Virtual times are counted per priority: it joins there as a new task would.
    after.priority, after.place = priority ~= 0 and priority or nil, new_place(r.client, priority)
    save(id, r, after)
    tell('k', 'priority', 'id', id)
  end
  return 'done', priority
end
