-- Moves a reservation to what is really open, or gives it back: exactly once per plan.
-- what = failed | expired | executed | position | exit-done
-- Reservation of a symbol: plan_id|state|open_micro|reserved_micro|deadline_ms.
-- open is what the fills and corrections say; reserved is what the plan in progress may still open. `rest_micro` is what
-- its fills have yet to tell, empty while its outcome is unknown: then what opens is taken out of what is reserved.
-- Of an exit the lock remembers `filled` of which `order`: the next one waits until the position shows it.

local function text(value) return string.format('%.0f', value) end

local function decide(key, arg)
  local line = redis.call('HGET', key.reservations, arg.symbol) or '||0|0|0'
  local plan, state, open, reserved, deadline = string.match(line, '^(.-)|(.-)|(%d+)|(%d+)|(.*)$')
  open, reserved = tonumber(open), tonumber(reserved)
  local pending = plan ~= '' and plan == arg.plan_id

  local function put(next_plan, next_state, next_open, next_reserved, next_deadline)
    -- Dust holds no slot: it is too small to be traded out of.
    if next_plan == '' and next_open < (tonumber(arg.dust_micro) or 0) then next_open = 0 end
    if next_plan == '' and next_open == 0 then
      redis.call('HDEL', key.reservations, arg.symbol)
    else
      redis.call('HSET', key.reservations, arg.symbol, table.concat({next_plan, next_state, text(next_open), text(next_reserved), next_deadline}, '|'))
    end
    redis.call('INCRBY', key.total, text(next_open + next_reserved - open - reserved))
    redis.call('SET', key.slots, tonumber(arg.slots_max) - redis.call('HLEN', key.reservations))
  end

  -- The plan in progress with its outcome known: over once its fills have told everything.
  local function told(next_open)
    local rest = tonumber(arg.rest_micro) or 0
    if rest == 0 then put('', '', next_open, 0, '0') else put(plan, 'FILLING', next_open, rest, deadline) end
  end

  if arg.what == 'exit-done' then
    if redis.call('HGET', key.lock, 'plan_id') == arg.plan_id then
      redis.call('HSET', key.lock, 'plan_id', '', 'owner', '', 'deadline_ms', '0', 'done_order', arg.order, 'done_filled', arg.filled)
    end
    return 'nothing', {}
  end
  if arg.what == 'position' then
    local now_open = tonumber(arg.notional_micro)
    if not pending then
      put(plan, state, now_open, reserved, deadline)
    elseif arg.rest_micro == '' then
      put(plan, state, now_open, math.max(0, reserved - math.max(0, now_open - open)), deadline)
    else
      told(now_open)
    end
    return 'settled', {notional_micro = arg.notional_micro}
  end
  if not pending then return 'nothing', {} end
  if arg.what == 'expired' and (state ~= 'RESERVED' or tonumber(deadline) > tonumber(arg.now_ms)) then return 'nothing', {} end
  if arg.what == 'executed' then
    told(open)
    redis.call('HSET', key.permit, 'state', 'SETTLED')
    return 'settled', {notional_micro = arg.notional_micro}
  end
  put('', '', open, 0, '0')
  redis.call('ZREM', key.history, arg.plan_id)
  redis.call('HSET', key.permit, 'state', arg.what == 'expired' and 'EXPIRED' or 'FAILED')
  return 'released', {notional_micro = text(reserved)}
end
