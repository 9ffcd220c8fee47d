-- id
return { 0, shown(A[1]) }
