-- New entries for a consumer as one JSON text, which a client takes apart faster than a reply of thousands of parts.
-- Never blocks: for a reader that is behind.
--
-- KEYS  stream
-- ARGV  group, consumer, count
-- Reply '[[id, [name, value, ...]], ...]' or nil when there is nothing new

local found = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3], 'STREAMS', KEYS[1], '>')
if not found then return false end
return cjson.encode(found[1][2])
