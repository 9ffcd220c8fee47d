-- id
local word, status = delete(A[1], load(A[1]))
return { event, word, status or '', garbage }
