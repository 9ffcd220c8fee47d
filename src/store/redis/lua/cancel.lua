-- id, owner (empty: anybody's)
go_on()
local word, status = cancel(A[1], load(A[1]), A[2])
return { event, word, status or '' }
