-- id, priority
go_on()
local word = set_priority(A[1], load(A[1]), tonumber(A[2]))
return { event, word == 'done' and 1 or 0 }
