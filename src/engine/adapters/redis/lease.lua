-- Takes the lease of a unit: earlier holders are fenced from now on.
--
-- KEYS  lease key
-- ARGV  field, value, field, value... of the new holder
-- Reply {generation, number of commits so far}

local generation = redis.call('HINCRBY', KEYS[1], 'generation', 1)
local commits = redis.call('HINCRBY', KEYS[1], 'commits', 0)
if #ARGV > 0 then redis.call('HSET', KEYS[1], unpack(ARGV)) end
return {generation, commits}
