-- a name for this store, taken if it has none; answers its name
call('HSETNX', 'meta', 'id', A[1])
return { 0, call('HGET', 'meta', 'id') }
