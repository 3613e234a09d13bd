-- Says what is not done: entries that wait or are being handled, effects without a result, positions without a stop.
-- One step, because entries pass from one stream to the next: looked at one after the other, each could be empty in turn.
--
-- KEYS  streams, then hashes of recorded effects, then the leases of their units, then snapshots of positions
-- ARGV  number of streams, number of hashes of effects, '1' when the first thing that waits is all that is asked for;
--       then for each stream the id up to which all was done when it was last looked at, or '', the number of its groups,
--       and their names
-- Reply what waits; the snapshots of open positions without a resting stop; a sum that grows with each step that had effects;
--       for each stream of which all is done, its place in KEYS and the id of its newest entry.
--       Where only the first thing was asked for and something waits, nothing is said of positions and steps.

local stream_count, effect_count, brief = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'

local waiting, bare, done = {}, {}, {}

-- Streams that got nothing since all of them was done need no second look. One command finds the others.
local known, ids, places = {}, {}, {}
local at = 4
for index = 1, stream_count do
  places[index] = at
  if ARGV[at] ~= '' then
    known[#known + 1] = KEYS[index]
    ids[#ids + 1] = ARGV[at]
  end
  at = at + 2 + tonumber(ARGV[at + 1])
end
local unchanged = {}
if #known > 0 and redis.call('EXISTS', unpack(known)) == #known then
  for _, stream in ipairs(known) do unchanged[stream] = true end
  local words = {}
  for i, stream in ipairs(known) do
    words[i] = stream
    words[#known + i] = ids[i]
  end
  for _, row in ipairs(redis.call('XREAD', 'COUNT', 1, 'STREAMS', unpack(words)) or {}) do unchanged[row[1]] = nil end
end

local function look_at(stream, first, last)
  local groups = {}
  if redis.call('EXISTS', stream) == 1 then
    for _, row in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
      local group = {}
      for i = 1, #row, 2 do group[row[i]] = row[i + 1] end
      groups[group.name] = group
    end
  end
  local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  local before = #waiting
  for i = first, last do
    local group = groups[ARGV[i]]
    if not group then
      waiting[#waiting + 1] = ARGV[i] .. ' does not exist yet'
    elseif group.pending > 0 or (newest and older(group['last-delivered-id'], newest[1])) then
      waiting[#waiting + 1] = ARGV[i]
    end
  end
  if #waiting == before then return newest and newest[1] or '0-0' end
end

for index = 1, stream_count do
  if not unchanged[KEYS[index]] then
    local place = places[index]
    local id = look_at(KEYS[index], place + 2, place + 1 + tonumber(ARGV[place + 1]))
    if id then
      done[#done + 1] = index
      done[#done + 1] = id
    elseif brief then
      return {{waiting[1]}, bare, false, done}
    end
  end
end

for index = stream_count + 1, stream_count + effect_count do
  if redis.call('HLEN', KEYS[index]) > 0 then waiting[#waiting + 1] = KEYS[index] end
end

local steps = 0
for index = stream_count + effect_count + 1, stream_count + 2 * effect_count do
  steps = steps + tonumber(redis.call('HGET', KEYS[index], 'effects_at') or '0')
end

for index = stream_count + 2 * effect_count + 1, #KEYS do
  local shown = redis.call('HMGET', KEYS[index], 'amount', 'stop_resting', 'foreign')
  if (tonumber(shown[1] or '0') or 0) ~= 0 and shown[2] ~= 'true' and shown[3] ~= 'ignored' then bare[#bare + 1] = KEYS[index] end
end

return {waiting, bare, steps, done}
