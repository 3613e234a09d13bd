-- A purse that may be spent down to nothing, for tests of decisions.
local function decide(key, arg)
  local left = tonumber(redis.call('GET', key.purse) or '100')
  local amount = tonumber(arg.amount)
  if arg.amount == 'crash' then error('told to fail') end
  if amount > left then return 'refused', {left = left} end
  redis.call('SET', key.purse, string.format('%.0f', left - amount))
  redis.call('HSET', key.ledger, arg.who, arg.amount)
  return 'granted', {left = left - amount, receipt = arg.who .. ':' .. arg.amount}
end
