-- Consumes a permit once: issued, in time, of the present arm epoch; an entry backed by its reservation and of the
-- permitted notional, an exit by the lock that it was given: after its deadline the lock may be another plan's.
-- A permit key written by hand opens nothing: the reservation it would need is not there.

local function refused(reason) return 'refused', {reason = reason} end

local function decide(key, arg)
  local permit = redis.call('HMGET', key.permit, 'verdict', 'class', 'symbol', 'state', 'deadline_ms', 'epoch', 'notional_micro')
  if permit[1] ~= 'ALLOW' or permit[2] ~= arg.class or permit[3] ~= arg.symbol then return refused('PERMIT_MISSING') end
  if permit[4] ~= 'ISSUED' then return refused('PERMIT_SERVED') end
  if arg.class ~= 'PROTECT' and (tonumber(permit[5]) or 0) < tonumber(arg.now_ms) then return refused('PERMIT_EXPIRED') end

  local exempt = arg.class == 'PROTECT' or (arg.class == 'EXIT' and arg.operator == '1')
  local arm = redis.call('HMGET', key.arm, 'armed', 'epoch')
  local armed = redis.call('GET', key.kill) == '0' and arm[1] == '1'
  if not armed and not exempt then return refused('KILLED') end
  if not exempt and arm[2] ~= permit[6] then return refused('EPOCH_OLD') end

  -- Decided again here: the operator may have paused or disabled since the verdict.
  local execution = redis.call('GET', key.execution)
  if execution ~= 'ENABLED' and execution ~= 'REDUCE_ONLY' then return refused('EXECUTION_DISABLED') end
  if execution == 'REDUCE_ONLY' and arg.class == 'ENTRY' then return refused('PAUSED') end

  if arg.class == 'EXIT' then
    if redis.call('HGET', key.lock, 'plan_id') ~= arg.plan_id then return refused('LOCK_LOST') end
    -- From here on nobody of higher rank takes the lock: the order may be on its way.
    redis.call('HSET', key.lock, 'taken', '1')
  end
  if arg.class == 'ENTRY' then
    if permit[7] ~= arg.notional_micro then return refused('NOTIONAL_DIFFERS') end
    local line = redis.call('HGET', key.reservations, arg.symbol) or ''
    local plan, state, rest = string.match(line, '^(.-)|(.-)|(.*)$')
    if plan ~= arg.plan_id or state ~= 'RESERVED' then return refused('RESERVATION_MISSING') end
    redis.call('HSET', key.reservations, arg.symbol, plan .. '|TAKEN|' .. rest)
  end
  redis.call('HSET', key.permit, 'state', 'TAKEN')
  return 'taken', {epoch = permit[6] or ''}
end
