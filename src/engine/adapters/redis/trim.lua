-- Removes the oldest entries of a stream beyond a length, but none that a group has not acknowledged.
-- One step, so that no group can be made between looking and removing.
--
-- KEYS  stream
-- ARGV  length to keep
-- Reply number of entries removed

local stream, keep = KEYS[1], tonumber(ARGV[1])
local length = redis.call('XLEN', stream)
if length <= keep then return 0 end

-- The first entry that some group still needs.
local needed
for _, row in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  local group = {}
  for i = 1, #row, 2 do group[row[i]] = row[i + 1] end
  local wanted
  if group.pending > 0 then
    wanted = redis.call('XPENDING', stream, group.name)[2]
  else
    local next_one = redis.call('XRANGE', stream, '(' .. group['last-delivered-id'], '+', 'COUNT', 1)[1]
    wanted = next_one and next_one[1]
  end
  if wanted and (not needed or older(wanted, needed)) then needed = wanted end
end

-- Whole nodes first: LIMIT never removes more than the excess. Then the few that are left of it, one by one.
local removed
if needed then
  removed = redis.call('XTRIM', stream, 'MINID', '~', needed, 'LIMIT', length - keep)
else
  removed = redis.call('XTRIM', stream, 'MAXLEN', '~', keep, 'LIMIT', length - keep)
end
local excess = length - keep - removed
if excess <= 0 then return removed end
local FEW = 256
local ids = redis.call('XRANGE', stream, '-', '+', 'COUNT', math.min(excess, FEW) + 1)
local boundary = ids[math.min(excess, FEW) + 1]
local first = boundary and boundary[1]
if needed and (not first or older(needed, first)) then first = needed end
if first then return removed + redis.call('XTRIM', stream, 'MINID', '=', first) end
return removed + redis.call('XTRIM', stream, 'MAXLEN', '=', 0)
