-- Takes one from a purse while it lasts: a decision of the size of a small admission.
local function decide(key, arg)
  local left = tonumber(redis.call('GET', key.purse) or '1000000000')
  local amount = tonumber(arg.amount)
  if amount > left then return 'refused', {left = left} end
  redis.call('SET', key.purse, string.format('%.0f', left - amount))
  redis.call('HSET', key.holders, arg.who, arg.amount)
  return 'granted', {left = left - amount}
end
