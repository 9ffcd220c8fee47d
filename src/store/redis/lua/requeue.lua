-- id
local word, status = requeue(A[1], load(A[1]))
return { event, word, status or '', garbage }
