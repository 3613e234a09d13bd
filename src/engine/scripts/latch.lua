-- The kill latch: kill, arm and guard are the only ways to change it. Each change counts the arm epoch up.
-- guard brings the key and the latch together after somebody wrote the key by hand: always to the safe side.

local function decide(key, arg)
  local state = redis.call('HMGET', key.arm, 'epoch', 'armed')
  local epoch, armed = state[1] or '0', state[2] == '1'
  local killed = redis.call('GET', key.kill) ~= '0'

  local function set(outcome, armed_to, by, reason)
    local next_epoch = tostring(redis.call('HINCRBY', key.arm, 'epoch', 1))
    redis.call('SET', key.kill, armed_to == '1' and '0' or '1')
    redis.call('HSET', key.arm, 'armed', armed_to, 'by', by, 'reason', reason, 'time_ms', arg.time_ms, 'mode', arg.mode)
    return outcome, {epoch = next_epoch, reason = reason}
  end

  if arg.what == 'kill' then return set('killed', '0', arg.by, arg.reason) end
  if arg.what == 'arm' then
    if arg.expected_epoch ~= epoch then return 'refused', {epoch = epoch} end
    return set('armed', '1', arg.by, arg.reason)
  end
  if armed and killed then return set('killed', '0', 'by hand', 'the kill key was set outside of qt') end
  if not armed and not killed then return set('killed', '0', 'by hand', 'the kill key was opened outside of qt and is put back') end
  return 'unchanged', {epoch = epoch}
end
