-- Removes a consumer from a group, but only one that holds nothing and has been idle for a while: what is pending for a
-- consumer that is removed would be forgotten. Looked at and removed in one step, so that nothing is given to it between.
--
-- KEYS  stream
-- ARGV  group, consumer, milliseconds that it must have been idle
-- Reply {'reaped', 0} | {'pending', entries} | {'busy', idle milliseconds} | {'gone', 0}

for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #row, 2 do consumer[row[i]] = row[i + 1] end
  if consumer.name == ARGV[2] then
    if consumer.pending > 0 then return {'pending', consumer.pending} end
    if consumer.idle < tonumber(ARGV[3]) then return {'busy', consumer.idle} end
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
    return {'reaped', 0}
  end
end
return {'gone', 0}
