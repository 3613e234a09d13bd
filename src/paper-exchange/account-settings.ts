import {moveToIsolated} from './account.js'
import type {Core} from './core.js'
import {type Dec, zero} from './decimal.js'
import {accountRisk, maxNotional, positionRisk} from './margin.js'
import type {SymbolSettings} from './records.js'
import {accountEvent} from './user-events.js'
import {badParameter, venueError} from './venue-error.js'

const configEvent = (core: Core, detail: Record<string, unknown>): void =>
	core.emit({e: 'ACCOUNT_CONFIG_UPDATE', E: core.now_ms, T: core.now_ms, ...detail})

/** @throws VenueError -4028, -2027, -2028 or -4161 */
export const changeLeverage = (core: Core, symbol: string, leverage: number): void => {
	const {brackets} = core.rulesOf(symbol)
	const highest = brackets[0]?.leverage ?? 1
	if (leverage < 1 || leverage > highest) throw venueError('badLeverage', `Leverage ${leverage} is not valid`)
	const before = core.settingsOf(symbol)
	const positions = core.state.positionsOf(symbol).filter(position => !position.amount.isZero())
	if (before.isolated && positions.length > 0 && leverage < before.leverage) throw venueError('isolatedLeverage')
	const limit = maxNotional(brackets, leverage)
	if (positions.some(position => positionRisk(core, position).notional.abs().gt(limit))) {
		throw venueError('positionLimit')
	}
	checkMarginAt(core, {...before, leverage}, before)
	core.state.touchSettings({...before, leverage})
	configEvent(core, {ac: {s: symbol, l: leverage}})
}

/** Lower leverage binds more margin: it must be there. The settings are as before when this returns. */
const checkMarginAt = (core: Core, after: SymbolSettings, before: SymbolSettings): void => {
	if (after.leverage >= before.leverage) return
	const {settings} = core.state
	const known = settings.get(after.symbol)
	settings.set(after.symbol, after)
	const {free} = accountRisk(core)
	if (known === undefined) settings.delete(after.symbol)
	else settings.set(after.symbol, known)
	if (free.lt(zero)) throw venueError('leverageMargin')
}

/** @throws VenueError -4046, -4047 or -4048 */
export const changeMarginType = (core: Core, symbol: string, isolated: boolean): void => {
	const settings = core.settingsOf(symbol)
	if (settings.isolated === isolated) throw venueError('sameMarginType')
	if (core.state.ordersOpenIn(symbol).length > 0) throw venueError('marginTypeOrders')
	const positions = core.state.positionsOf(symbol)
	if (positions.some(position => !position.amount.isZero())) throw venueError('marginTypePosition')
	core.state.touchSettings({...settings, isolated})
	for (const position of positions) {
		position.isolated = isolated
		core.state.touchPosition(position)
	}
}

/** Whether fees are paid in BNB. */
export const changeFeeBurn = (core: Core, burn: boolean): void => {
	core.state.touchAccount().fee_burn = burn
}

/** @throws VenueError -4059, -4067 or -4068 */
export const changePositionMode = (core: Core, hedge: boolean): void => {
	const {state} = core
	if (state.account.hedge_mode === hedge) throw venueError('samePositionSide')
	if (state.ordersOpenIn().length > 0 || state.algosOpenIn().length > 0) throw venueError('positionSideOrders')
	if (state.openPositions().length > 0) throw venueError('positionSidePositions')
	state.touchAccount().hedge_mode = hedge
}

/**
 * Adds margin to an isolated position (positive) or takes some back (negative).
 * @throws VenueError -4055, -4054, -4050 or -4051
 */
export const changePositionMargin = (core: Core, symbol: string, side: string, amount: Dec): void => {
	if (side !== 'BOTH' && side !== 'LONG' && side !== 'SHORT') throw badParameter('positionSide')
	if (amount.isZero()) throw venueError('amountNotPositive')
	const position = core.state.position(symbol, side)
	if (position === undefined || position.amount.isZero()) throw venueError('isolatedOnly')
	if (!position.isolated) throw venueError('marginTypeForAdjust')
	const risk = positionRisk(core, position)
	if (amount.gt(zero) && amount.gt(accountRisk(core).available)) throw venueError('crossBalance')
	const free = position.isolated_wallet.add(risk.unrealised.lt(zero) ? risk.unrealised : zero).sub(risk.initial)
	if (amount.lt(zero) && amount.neg().gt(free)) throw venueError('isolatedBalance')
	moveToIsolated(core, position, amount)
	core.emit(accountEvent(core, 'MARGIN_TRANSFER', [position], amount.neg()))
}
