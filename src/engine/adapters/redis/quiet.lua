-- Says what is not done: entries that wait or are being handled, effects without a result, positions without a stop.
-- One step, because entries pass from one stream to the next: looked at one after the other, each could be empty in turn.
--
-- KEYS  streams, then hashes of recorded effects, then the leases of their units, then snapshots of positions
-- ARGV  number of streams, number of hashes of effects; then for each stream the number of its groups, and their names
-- Reply what waits; the snapshots of open positions without a resting stop; steps that the units with effects have done

local stream_count, effect_count = tonumber(ARGV[1]), tonumber(ARGV[2])

local waiting, bare = {}, {}
local at = 3
for index = 1, stream_count do
  local stream = KEYS[index]
  local groups = {}
  if redis.call('EXISTS', stream) == 1 then
    for _, row in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
      local group = {}
      for i = 1, #row, 2 do group[row[i]] = row[i + 1] end
      groups[group.name] = group
    end
  end
  local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  for _ = 1, tonumber(ARGV[at]) do
    at = at + 1
    local group = groups[ARGV[at]]
    if not group then
      waiting[#waiting + 1] = ARGV[at] .. ' does not exist yet'
    elseif group.pending > 0 or (newest and older(group['last-delivered-id'], newest[1])) then
      waiting[#waiting + 1] = ARGV[at]
    end
  end
  at = at + 1
end

for index = stream_count + 1, stream_count + effect_count do
  if redis.call('HLEN', KEYS[index]) > 0 then waiting[#waiting + 1] = KEYS[index] end
end

local steps = 0
for index = stream_count + effect_count + 1, stream_count + 2 * effect_count do
  steps = steps + tonumber(redis.call('HGET', KEYS[index], 'commits') or '0')
end

for index = stream_count + 2 * effect_count + 1, #KEYS do
  local shown = redis.call('HMGET', KEYS[index], 'amount', 'stop_resting', 'foreign')
  if (tonumber(shown[1] or '0') or 0) ~= 0 and shown[2] ~= 'true' and shown[3] ~= 'ignored' then bare[#bare + 1] = KEYS[index] end
end

return {waiting, bare, steps}
