import {z} from 'zod'
import {keys} from '../../engine/contracts/keys.js'
import {isZero} from '../../engine/logic/exact.js'
import {emptyGate, type GateState} from '../../engine/logic/portfolio-gate.js'
import {idOf} from '../../engine/runtime/identity.js'
import {tradingBot} from '../../engine/units/ai/trading-bot.js'
import {intentBridge} from '../../engine/units/exec/intent-bridge.js'
import {portfolioGate} from '../../engine/units/exec/portfolio-gate.js'
import type {Home} from './home.js'
import type {State} from './state.js'
import {unitState, wholeState} from './unit-state.js'
import {readClock} from './watch-state.js'
import {askOf, bridgeCheck, intentFor, portfolioChecks, type Wanted, type WhyAsk} from './why-ask.js'
import {dataChecks, rememberedOf, signalNow} from './why-data.js'
import {readGates} from './why-gates.js'
import {requireKnown} from './why-known.js'
import {readMarket} from './why-market.js'
import {askedBy, followIntent, newestIntent, type ToldIntent} from './why-newest.js'
import {fileChecks, readArmingNow, readBehind, readUnitCheck} from './why-system.js'
import {checkOf, verdictOf, type WhyCheck, type WhyVerdict} from './why-verdict.js'

export type WhyPosition = Readonly<{
	amount: string
	entry_price: string
	/** Venue time, ms. */
	opened_ms: number
	opened_by: string
	foreign: string
	stop_resting: boolean
	stop_price: string
}>

export type Why = Readonly<{
	symbol: string
	verdict: WhyVerdict
	ask: WhyAsk
	position: WhyPosition | null
	newest: ToldIntent | null
	checks: readonly WhyCheck[]
	/** Venue and machine time of the reading, ms; the venue's is null while it is not known. */
	venue_ms: number | null
	machine_ms: number
	speed: number
}>

type Fields = Readonly<Record<string, string>>

const gateShape = z.looseObject({
	positions: z.record(z.string(), z.string()),
	passed: z.record(z.string(), z.looseObject({side: z.string(), until_ms: z.number()})),
	budgets: z.record(z.string(), z.looseObject({symbols: z.array(z.string())})),
})

/** The snapshot of the one partition of the first gate; an empty one before it has spoken. */
const gateStateOf = (text: string | undefined): GateState | undefined => {
	if (text === undefined) return emptyGate
	const state: unknown = JSON.parse(text)
	return gateShape.safeParse(state).success ? (state as GateState) : undefined
}

const positionOf = (snapshot: Fields): WhyPosition | null => {
	const {amount = '0', entry_price = '', opened_ms = '0', opened_by = '', foreign = '', stop_price = ''} = snapshot
	if (isZero(amount)) return null
	const stop_resting = snapshot.stop_resting === 'true'
	return {amount, entry_price, opened_ms: Number(opened_ms), opened_by, foreign, stop_resting, stop_price}
}

/**
 * Why a symbol does or does not trade now: every condition on the way from the market to the venue, asked of what the
 * units last wrote. Changes nothing.
 * @throws OperatorError (usage) for a symbol that nobody knows
 */
export const readWhy = async (
	home: Home,
	state: State,
	{symbol, wanted, now_ms}: Readonly<{symbol: string; wanted: Wanted; now_ms: () => number}>,
): Promise<Why> => {
	const {readPolicy} = await import('../system/policy-file.js')
	const policy = readPolicy(home)
	await requireKnown(state, symbol, policy)
	const {bus, naming} = state
	const [market, snapshot, bot, gate, bridge, entry, arming, units] = await Promise.all([
		readMarket(state, symbol, policy),
		bus.hashAll(naming.key(keys.positionSnapshot, {symbol})),
		wholeState(state, tradingBot.name),
		wholeState(state, portfolioGate.name),
		unitState(state, intentBridge.name),
		newestIntent(state, symbol, now_ms()),
		readArmingNow(home, state),
		readUnitCheck(home),
	])
	const clock = await readClock(state, now_ms())
	const machine_ms = now_ms()
	const {venue_ms = null, speed = 1} = clock ?? {}
	const now = {venue_ms, machine_ms, speed, policy}
	const signal = signalNow(symbol, rememberedOf(bot, symbol), market.quote, now)
	const ask = askOf(wanted, signal.intent, entry && askedBy(entry), policy)
	const own = ask.from === 'signal' && wanted.notional === undefined ? signal.intent : undefined
	const intent = own ?? intentFor(symbol, ask, market.quote, policy)
	const held = {amount: snapshot.foreign === 'ignored' ? '0' : (snapshot.amount ?? '0'), seen: {}}
	const bridgeState = bridge[symbol] === undefined ? held : {...held, ...(JSON.parse(bridge[symbol]) as typeof held)}
	const bridged = bridgeCheck(intent, bridgeState, policy)
	const plan_id = idOf('why', symbol, machine_ms, process.pid)
	const {side, notional_usdt} = ask
	const bare = {symbol, action: 'OPEN' as const, side, notional_usdt}
	const plan = {...(bridged.plan ?? bare), plan_id, source: tradingBot.name}
	const behind = await readBehind(state, symbol, arming)
	const gates = await readGates(home, state, plan, now, behind)
	const by = {intent, source: tradingBot.name, state: gateStateOf(gate), policy, speed}
	const checks = [
		...dataChecks(market, now),
		signal.check,
		...portfolioChecks({...by, now_ms: venue_ms ?? machine_ms}),
		bridged.check,
		...gates.filter(({step}) => step === 'system'),
		...fileChecks(home, arming, symbol),
		units,
		...gates.filter(({step}) => step === 'governor'),
	]
	const position = positionOf(snapshot)
	return {
		symbol,
		verdict: verdictOf({held: position !== null, checks, signal_counts: wanted.side === undefined}),
		ask,
		position,
		newest: entry ? await followIntent(state, entry) : null,
		checks,
		venue_ms,
		machine_ms,
		speed,
	}
}

/** The same of what the files of the home and the daemon say, where Redis cannot be asked. */
export const whyWithoutState = async (
	home: Home,
	{symbol, wanted, now_ms}: Readonly<{symbol: string; wanted: Wanted; now_ms: () => number}>,
): Promise<Why> => {
	const [{readPolicy}, {readArming}] = await Promise.all([
		import('../system/policy-file.js'),
		import('./arming-record.js'),
	])
	const policy = readPolicy(home)
	const ask = askOf(wanted, undefined, undefined, policy)
	const intent = intentFor(symbol, ask, {}, policy)
	const unread = {passed: null, used: 'Redis cannot be asked', remedy: 'qt status; qt up'}
	const checks = [
		...(['data', 'signal', 'portfolio-gate'] as const).map(step => checkOf({step, code: 'UNREAD', ...unread})),
		bridgeCheck(intent, {amount: '0', seen: {}}, policy).check,
		...fileChecks(home, readArming(home, undefined), symbol),
		await readUnitCheck(home),
		checkOf({step: 'governor', code: 'UNREAD', ...unread}),
	]
	const verdict = verdictOf({held: false, checks, signal_counts: false})
	const machine_ms = now_ms()
	return {symbol, verdict, ask, position: null, newest: null, checks, venue_ms: null, machine_ms, speed: 1}
}
