-- Sets how many entries groups of a stream have been given, and leaves alone those that went on since they were looked
-- at: to set the counter is to say again where the group stands.
--
-- KEYS  stream
-- ARGV  per group: name, last delivered id as it was seen, entries read or '' for unknown
-- Reply number of groups that were set

local stands = {}
for _, row in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #row, 2 do group[row[i]] = row[i + 1] end
  stands[group.name] = group['last-delivered-id']
end

local set = 0
for i = 1, #ARGV, 3 do
  local name, seen, read = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if stands[name] == seen then
    if read == '' then
      redis.call('XGROUP', 'SETID', KEYS[1], name, seen)
    else
      redis.call('XGROUP', 'SETID', KEYS[1], name, seen, 'ENTRIESREAD', read)
    end
    set = set + 1
  end
end
return set
