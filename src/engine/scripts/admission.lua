-- The one decision on a plan: every gate in order, then reservation and permit, or the reason of the first refusal.
-- Money is integer micro-USDT. Reservation of a symbol: plan_id|state|open_micro|reserved_micro|deadline_ms.
-- `seen` is what gates have read and later ones or the writes need again: a read costs more than all that is done with it.

local HOUR_MS, FIVE_MINUTES_MS, DAY_MS = 3600000, 300000, 86400000

local function number(value) return tonumber(value) or 0 end

local function refuse(reason, used, limit)
  return 'refuse', {reason = reason, used = tostring(used or ''), limit = tostring(limit or '')}
end

local function text(value) return string.format('%.0f', value) end

local function usdt(micro)
  local whole = math.floor(micro / 1000000)
  return string.format('%.0f.%06.0f', whole, micro - whole * 1000000)
end

-- Gates that stand before every plan. Protection of a filled position and an operator's close pass a kill.
local function stopped(arg, key, seen)
  local arm = redis.call('HMGET', key.arm, 'armed', 'epoch')
  local kill, mode, execution = unpack(redis.call('MGET', key.kill, key.mode, key.execution))
  seen.epoch = arm[2]
  local armed = kill == '0' and arm[1] == '1' and arm[2]
  local exempt = arg.class == 'PROTECT' or (arg.class == 'EXIT' and arg.operator == '1')
  if not armed and not exempt then return 'KILLED' end
  if not exempt and redis.call('HEXISTS', key.blocked, arg.symbol) == 1 then return 'SYMBOL_BLOCKED' end
  if mode ~= arg.mode then return 'MODE_MISMATCH' end
  if execution ~= 'ENABLED' and execution ~= 'REDUCE_ONLY' then return 'EXECUTION_DISABLED' end
  if execution == 'REDUCE_ONLY' and arg.class == 'ENTRY' then return 'PAUSED' end
end

local function position_of(key)
  local fields = redis.call('HMGET', key.position, 'amount', 'foreign', 'moved_by', 'moved_quantity')
  return {amount = fields[1], foreign = fields[2], moved_by = fields[3] or '', moved_quantity = fields[4]}
end

local function lock_of(key)
  local fields = redis.call('HMGET', key.lock, 'plan_id', 'deadline_ms', 'rank', 'taken', 'settled_machine_ms', 'amount', 'moved_by', 'done_order', 'done_filled')
  return {plan_id = fields[1] or '', deadline_ms = fields[2], rank = fields[3], taken = fields[4] == '1', settled_machine_ms = fields[5],
    amount = fields[6], moved_by = fields[7], done_order = fields[8], done_filled = fields[9]}
end

-- The exit that has the lock may still be carried out: until its deadline, and once its order may be on its way until its
-- result frees the lock, or a clean comparison that began after all of it shows the position as it is.
local function is_held(arg, key, lock)
  if lock.plan_id == '' or lock.plan_id == arg.plan_id then return false end
  if number(lock.deadline_ms) > number(arg.now_ms) then return true end
  if not lock.taken then return false end
  local run = redis.call('HMGET', key.reconcile, 'outcome', 'machine_ms')
  return run[1] ~= 'CLEAN' or number(run[2]) < number(lock.settled_machine_ms)
end

-- The exit before this one was filled, and the position does not show all of it: nothing has moved it since that exit was
-- allowed, or its order was the last to move it, and not yet by as much.
local function is_behind(position, lock)
  if number(lock.done_filled) == 0 then return false end
  if position.amount == lock.amount and position.moved_by == lock.moved_by then return true end
  return position.moved_by == lock.done_order and number(position.moved_quantity) < number(lock.done_filled)
end

-- An exit of higher rank takes the lock of one that has not been sent yet: the sender finds its lock lost.
local function exit_gates(arg, key, seen)
  local position = position_of(key)
  local amount = number(position.amount)
  seen.position = position
  if amount == 0 then return 'NO_POSITION', 0, arg.quantity end
  if position.foreign == 'ignored' and arg.operator ~= '1' then return 'FOREIGN_IGNORED', position.foreign, 'a position of ours' end
  if arg.side == '' then return 'SIDE_MISSING', '', 'BUY or SELL' end
  if number(arg.quantity) <= 0 then return 'SIZE_MISSING', arg.quantity, 'above 0' end
  if (amount > 0) == (arg.side == 'BUY') then return 'EXIT_INCREASES', amount, arg.side end
  if number(arg.quantity) > math.abs(amount) then return 'EXIT_EXCEEDS_POSITION', arg.quantity, math.abs(amount) end
  local lock = lock_of(key)
  local outranked = number(arg.rank) > number(lock.rank) and not lock.taken
  if is_held(arg, key, lock) and not outranked then return 'EXIT_LOCKED', lock.plan_id, arg.plan_id end
  if is_behind(position, lock) then return 'POSITION_BEHIND', lock.done_order, 'its fills' end
end

-- Those who watch over the risk are there, and content. What is silent counts as tripped.
local function watched(arg, key)
  if arg.side == '' then return 'SIDE_MISSING', '', 'BUY or SELL' end
  local machine = number(arg.machine_ms)
  local ess = redis.call('HMGET', key.ess, 'state', 'machine_ms')
  local ess_age = machine - number(ess[2])
  if ess_age > number(arg.ess_silence_max_ms) then return 'ESS_STALE', text(ess_age), arg.ess_silence_max_ms end
  if ess[1] ~= 'NORMAL' then return 'ESS_STOPPED', ess[1] or '', 'NORMAL' end
  local watch_age = machine - number(redis.call('HGET', key.ess_watch, 'machine_ms'))
  if watch_age > number(arg.guard_silence_max_ms) then return 'ESS_UNWATCHED', text(watch_age), arg.guard_silence_max_ms end
  local bsc = redis.call('HMGET', key.bsc, 'state', 'machine_ms')
  local bsc_age = machine - number(bsc[2])
  if bsc_age > number(arg.guard_silence_max_ms) then return 'BSC_STALE', text(bsc_age), arg.guard_silence_max_ms end
  if bsc[1] ~= 'NORMAL' then return 'BSC_TRIPPED', bsc[1] or '', 'NORMAL' end
  local active = redis.call('HGET', key.policy, 'version')
  if active and active ~= arg.policy_version then return 'POLICY_CHANGING', arg.policy_version, active end
  local run = redis.call('HMGET', key.reconcile, 'outcome', 'machine_ms')
  if run[1] ~= 'CLEAN' then return 'NOT_RECONCILED', run[1] or 'never', 'CLEAN' end
  local run_age = machine - number(run[2])
  if run_age > number(arg.reconcile_age_max_ms) then return 'RECONCILE_STALE', text(run_age), arg.reconcile_age_max_ms end
end

-- The market is known and sane, and the plan still fits it.
local function market(arg, key, quote)
  local now, machine = number(arg.now_ms), number(arg.machine_ms)
  local bid, ask = number(quote.bid), number(quote.ask)
  if bid <= 0 or ask <= 0 or redis.call('EXISTS', key.stale) == 1 then return 'DATA_STALE', 'no fresh quote', arg.quote_age_max_ms end
  local quote_age, silence = now - number(quote.venue_ms), machine - number(quote.machine_ms)
  if quote_age > number(arg.quote_age_max_ms) then return 'DATA_STALE', text(quote_age), arg.quote_age_max_ms end
  if silence > number(arg.quote_silence_max_ms) then return 'DATA_STALE', text(silence), arg.quote_silence_max_ms end
  local divergence = redis.call('HGET', key.divergence, arg.symbol)
  if divergence then
    local bps, at = string.match(divergence, '^([^|]*)|?([^|]*)')
    local silent = machine - number(at)
    if silent > number(arg.divergence_silence_max_ms) then return 'DIVERGENCE_STALE', text(silent), arg.divergence_silence_max_ms end
    if math.abs(number(bps)) > number(arg.divergence_bps_max) then return 'DIVERGED', bps, arg.divergence_bps_max end
  end

  if arg.kill_score ~= '' and number(arg.kill_score) >= number(arg.kill_score_max) then return 'KILL_SCORE', arg.kill_score, arg.kill_score_max end
  local age = math.abs(now - number(arg.plan_ms))
  if age > number(arg.plan_age_max_ms) then return 'PLAN_STALE', text(age), arg.plan_age_max_ms end
  local mid = (bid + ask) / 2
  if arg.reference_price ~= '' then
    local drift = math.floor(math.abs(mid / number(arg.reference_price) - 1) * 10000 + 0.5)
    if drift > number(arg.drift_bps_max) then return 'PRICE_DRIFT', drift, arg.drift_bps_max end
  end
  local spread = math.floor((ask - bid) / mid * 10000 + 0.5)
  if spread > number(arg.spread_bps_max) then return 'SPREAD_WIDE', spread, arg.spread_bps_max end
end

-- The symbol may open now, with such a stop.
local function symbol_gates(arg, key, seen)
  local filters = redis.call('HMGET', key.filters, 'tradable', 'min_notional_usdt')
  seen.min_notional = number(filters[2])
  if filters[1] ~= 'true' then return 'NOT_TRADABLE', arg.symbol, 'tradable at the venue' end
  local silent = number(arg.machine_ms) - number(redis.call('HGET', key.universe, 'machine_ms'))
  if silent > number(arg.universe_silence_max_ms) then return 'UNIVERSE_STALE', text(silent), arg.universe_silence_max_ms end
  if redis.call('SISMEMBER', key.allowlist, arg.symbol) == 0 then return 'NOT_IN_UNIVERSE', arg.symbol, 'qt universe' end
  local price = number(arg.reference_price)
  if arg.reference_price == '' then price = number(arg.side == 'BUY' and seen.quote.ask or seen.quote.bid) end
  local distance = number(arg.stop_distance)
  if arg.stop_price ~= '' then distance = math.abs(price - number(arg.stop_price)) / price end
  local loss = math.floor(distance * number(arg.leverage) * 10000 + 0.5)
  if loss > number(arg.loss_bps_max) then return 'STOP_BEYOND_LOSS_LIMIT', loss, arg.loss_bps_max end
end

local function places(arg, key, seen)
  local now = number(arg.now_ms)
  local position = redis.call('HMGET', key.position, 'amount', 'foreign')
  local amount, foreign = number(position[1]), position[2]
  if foreign == 'ignored' then return 'FOREIGN_IGNORED', foreign, 'a position of ours' end
  local plan, _, open = string.match(redis.call('HGET', key.reservations, arg.symbol) or '', '^(.-)|(.-)|(%d+)|')
  if plan and plan ~= '' then return 'ENTRY_IN_PROGRESS', plan, arg.plan_id end
  if plan and arg.action == 'OPEN' then return 'POSITION_EXISTS', open, 0 end
  if amount ~= 0 and arg.action == 'OPEN' then return 'POSITION_EXISTS', amount, 0 end
  if arg.action == 'ADD' then
    if not plan or amount == 0 then return 'NO_POSITION', 0, 'a position to add to' end
    if (amount > 0) ~= (arg.side == 'BUY') then return 'ADD_REDUCES', amount, arg.side end
  end
  local used = redis.call('HLEN', key.reservations)
  -- What is held already needs no further slot; but what was inherited above the limit is only reduced.
  seen.open, seen.used = open or '0', plan and used or used + 1
  if seen.used > number(arg.slots_max) then return 'SLOTS_FULL', used, arg.slots_max end

  local hour = redis.call('ZCOUNT', key.history, '(' .. text(now - HOUR_MS), '+inf')
  if hour >= number(arg.hour_max) then return 'RATE_HOUR', hour, arg.hour_max end
  -- The last five minutes are part of the hour: fewer than the limit there are fewer here.
  if hour >= number(arg.five_minutes_max) then
    local five = redis.call('ZCOUNT', key.history, '(' .. text(now - FIVE_MINUTES_MS), '+inf')
    if five >= number(arg.five_minutes_max) then return 'RATE_5M', five, arg.five_minutes_max end
  end
  local last = redis.call('GET', key.cooldown)
  if last and now - number(last) < number(arg.cooldown_ms) then return 'COOLDOWN', text(now - number(last)), arg.cooldown_ms end

  local heat = redis.call('HMGET', key.heat, 'heat_share', 'machine_ms')
  local silent = number(arg.machine_ms) - number(heat[2])
  if silent > number(arg.heat_silence_max_ms) then return 'HEAT_STALE', text(silent), arg.heat_silence_max_ms end
  if number(heat[1]) >= number(arg.heat_share_max) then return 'HEAT_PORTFOLIO', heat[1], arg.heat_share_max end
end

local function notional_gates(arg, key, seen)
  local wanted, quote = number(arg.notional_micro), seen.quote
  if arg.notional_micro == '' then
    local worst = number(quote.ask) * (1 + number(arg.slippage_bps) / 10000)
    -- One micro more than exact, so that the size asked for fits into what is set aside for it.
    if number(arg.quantity) > 0 then wanted = math.ceil(number(arg.quantity) * worst * 1000000) + 1 end
  end
  if wanted <= 0 then return nil, 'NOTIONAL_MISSING', text(wanted), 1 end
  local allowed = math.min(wanted, number(arg.notional_cap_micro))
  local minimum = math.ceil(seen.min_notional * 1000000)
  if allowed < minimum then return nil, 'BELOW_MIN_NOTIONAL', text(allowed), text(minimum) end
  local total = number(redis.call('GET', key.total))
  seen.total = total + allowed
  if seen.total > number(arg.total_cap_micro) then return nil, 'TOTAL_NOTIONAL', text(seen.total), arg.total_cap_micro end
  local price, size = number(quote.bid), number(quote.bid_quantity)
  if arg.side == 'BUY' then price, size = number(quote.ask), number(quote.ask_quantity) end
  local there, needed = math.floor(price * size * 1000000), math.ceil(allowed * number(arg.depth_multiple_min))
  if there < needed then return nil, 'DEPTH_THIN', text(there), text(needed) end
  return allowed
end

local function reserve(arg, key, seen, allowed)
  redis.call('HSET', key.reservations, arg.symbol, table.concat({arg.plan_id, 'RESERVED', seen.open, text(allowed), arg.deadline_ms}, '|'))
  redis.call('MSET', key.total, text(seen.total), key.slots, number(arg.slots_max) - seen.used)
  redis.call('ZADD', key.history, arg.now_ms, arg.plan_id)
  redis.call('ZREMRANGEBYSCORE', key.history, '-inf', text(number(arg.now_ms) - DAY_MS))
  redis.call('PEXPIRE', key.history, DAY_MS)
  redis.call('SET', key.cooldown, arg.now_ms, 'PX', DAY_MS)
end

local function quote_of(key)
  local fields = redis.call('HMGET', key.quote, 'bid', 'ask', 'venue_ms', 'machine_ms', 'bid_quantity', 'ask_quantity')
  return {bid = fields[1], ask = fields[2], venue_ms = fields[3], machine_ms = fields[4], bid_quantity = fields[5], ask_quantity = fields[6]}
end

local function permit(arg, key, verdict, reason, notional, epoch)
  redis.call('HSET', key.permit, 'verdict', verdict, 'reason', reason, 'state', verdict == 'ALLOW' and 'ISSUED' or 'NONE', 'class', arg.class,
    'symbol', arg.symbol, 'epoch', epoch, 'notional_micro', notional, 'deadline_ms', arg.deadline_ms)
  redis.call('PEXPIRE', key.permit, arg.permit_ttl_ms)
end

local function decide(key, arg)
  local known = redis.call('HMGET', key.permit, 'verdict', 'reason')
  if known[1] then return 'repeat', {reason = known[1] == 'ALLOW' and 'ALLOW' or known[2]} end

  local allowed, seen = 0, {quote = quote_of(key)}
  local reason, used, limit = stopped(arg, key, seen)
  if not reason and arg.class == 'EXIT' then reason, used, limit = exit_gates(arg, key, seen) end
  if arg.class == 'ENTRY' then
    if not reason then reason, used, limit = watched(arg, key) end
    if not reason then reason, used, limit = market(arg, key, seen.quote) end
    if not reason then reason, used, limit = symbol_gates(arg, key, seen) end
    if not reason then reason, used, limit = places(arg, key, seen) end
    if not reason then allowed, reason, used, limit = notional_gates(arg, key, seen) end
  end
  if reason then
    permit(arg, key, 'REFUSE', reason, '0', '')
    return refuse(reason, used, limit)
  end

  local token = ''
  if arg.class == 'ENTRY' then reserve(arg, key, seen, allowed) end
  if arg.class == 'EXIT' then
    token = tostring(redis.call('HINCRBY', key.lock, 'token', 1))
    redis.call('HSET', key.lock, 'owner', arg.source, 'plan_id', arg.plan_id, 'deadline_ms', arg.deadline_ms, 'rank', arg.rank, 'taken', '0',
      'amount', seen.position.amount, 'moved_by', seen.position.moved_by, 'done_order', '', 'done_filled', '0',
      'settled_machine_ms', arg.settled_machine_ms)
  end
  local epoch = seen.epoch or '0'
  permit(arg, key, 'ALLOW', 'ALLOW', text(allowed), epoch)
  return 'allow', {notional_usdt = usdt(allowed), epoch = epoch, token = token, price = seen.quote.ask or ''}
end
