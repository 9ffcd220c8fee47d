-- Is Redis able to write?
call('HINCRBY', 'meta', 'ping', 1)
return { 0 }
