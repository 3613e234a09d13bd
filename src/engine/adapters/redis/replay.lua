-- Puts a dead letter back on the stream that it was taken from, once, with the record of it, in one step. Several readers
-- may have buried the same entry: it goes back for all of them. What was buried after it went back may go again.
--
-- KEYS  stream of dead letters, the entry's own stream, hash of what was put back, stream of events
-- ARGV  id of the dead letter, name of the entry in the hash, who and when as JSON, number of words of the entry, its words,
--       number of words of the event, its words
-- Reply {'replayed', new id} | {'already', what the hash holds} | {'gone'}

local at = 3
local function words()
  local count = tonumber(ARGV[at + 1])
  local found = {unpack(ARGV, at + 2, at + 1 + count)}
  at = at + 1 + count
  return found
end

local before = redis.call('HGET', KEYS[3], ARGV[2])
if before and older(ARGV[1], cjson.decode(before).entry_id) then return {'already', before} end
if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return {'gone'} end
local entry, event = words(), words()
local id = redis.call('XADD', KEYS[2], '*', unpack(entry))
local record = cjson.decode(ARGV[3])
record.entry_id = id
redis.call('HSET', KEYS[3], ARGV[2], cjson.encode(record))
redis.call('XADD', KEYS[4], '*', unpack(event))
return {'replayed', id}
