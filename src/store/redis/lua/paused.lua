local names = call('SMEMBERS', 'paused')
table.sort(names)
return { 0, names }
