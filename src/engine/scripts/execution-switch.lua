-- The execution switch. Two operators' decisions stand behind one word: paused, and disabled over it.
-- Taking one back never takes back the other. A word that nobody knows counts as disabled, as everywhere.

local function decide(key, arg)
  local before = redis.call('GET', key.execution)
  if not before then return 'unset', {} end
  local was_disabled = before ~= 'ENABLED' and before ~= 'REDUCE_ONLY'
  local was_paused = before == 'REDUCE_ONLY' or (was_disabled and redis.call('HGET', key.change, 'paused') == '1')

  local paused, disabled = was_paused, was_disabled
  if arg.what == 'pause' then paused = true end
  if arg.what == 'resume' then paused = false end
  if arg.what == 'disable' then disabled = true end
  if arg.what == 'enable' then disabled = false end
  if paused == was_paused and disabled == was_disabled then return 'unchanged', {execution = before} end

  local after = disabled and 'DISABLED' or paused and 'REDUCE_ONLY' or 'ENABLED'
  redis.call('SET', key.execution, after)
  redis.call('HSET', key.change, 'what', arg.what, 'paused', paused and '1' or '0', 'by', arg.by, 'reason', arg.reason, 'time_ms', arg.time_ms)
  return 'changed', {execution = after, before = before}
end
