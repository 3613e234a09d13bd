import {keys} from '../../contracts/keys.js'
import {positionSnapshot} from '../../contracts/streams/account.js'
import {applyHeatObserved, harvestHeatDecision} from '../../contracts/streams/exits.js'
import {portfolioState} from '../../contracts/streams/portfolio.js'
import {type Context, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {isZero} from '../../logic/exact.js'
import {factorOf, heatOf} from '../../logic/heat.js'
import {portfolioRisk, type Risked} from '../../logic/portfolio-heat.js'

type State = Readonly<{
	positions: Readonly<Record<string, Risked>>
	equity_usdt?: string
	/** Entry plans per hour by symbol, where there are any. */
	plans: Readonly<Record<string, number>>
	/** The newest heat that was told. */
	heat: number
}>

const writes = {decision: harvestHeatDecision}
const ports = {heat: keys.heatPortfolio}
type Ports = Context<typeof writes, typeof ports, Record<never, never>>

const initial: State = {positions: {}, plans: {}, heat: 0}
/** Every position counts, so all of them are one partition. */
const WHOLE = ''
const SCOPE = 'portfolio'
/** Readers refuse what was not confirmed lately: they can tell calm from death. */
const CONFIRM_EVERY_MS = 1_000
/** Heat is told when it moved by this much, or reached an end. */
const HEAT_STEP = 0.05

const isWorthTelling = (told: number, heat: number): boolean =>
	heat !== told && (Math.abs(heat - told) >= HEAT_STEP || heat === 0 || heat === 1)

/** Writes the key, and tells the heat when it moved. What cannot be told is not confirmed, so that nothing opens on it. */
const weigh = (state: State, context: Ports, changed: boolean): Step<State> => {
	const {key, emit, policy, machine_ms} = context
	const risk = portfolioRisk(Object.values(state.positions), state.equity_usdt, policy)
	if (!risk) return changed ? {state} : stay
	const plans_per_hour = Object.values(state.plans).reduce((sum, count) => sum + count, 0)
	const put = key.heat.put({}, {...risk, plans_per_hour, machine_ms}, {replace: true})
	const heat = heatOf(risk.heat_share, policy.portfolio.heat_share_max)
	if (!isWorthTelling(state.heat, heat)) return changed ? {state, wishes: [put]} : {wishes: [put]}
	return {
		state: {...state, heat},
		wishes: [put, emit.decision({scope: SCOPE, heat, factor: factorOf(heat)})],
	}
}

const without = <Value>(record: Readonly<Record<string, Value>>, name: string): Readonly<Record<string, Value>> =>
	Object.fromEntries(Object.entries(record).filter(([key]) => key !== name))

/** Heat of the portfolio for the admission of entries, and for how much harvests take. */
export const portfolioHeatGate = defineUnit({
	name: 'portfolio-heat-gate',
	target: 'exec',
	process: 'exits',
	kind: 'stream',
	aliases: ['heat-bridge'],
	summary: 'Loss of all positions at their stops over equity, confirmed every second; caps new risk.',
	reads: {position: positionSnapshot, portfolio: portfolioState, observed: applyHeatObserved},
	writes,
	keys: ports,
	timers: {confirm: {every_ms: CONFIRM_EVERY_MS, clock: 'machine'}},
	initial: () => initial,
	partition: () => WHOLE,
	on: {
		position: (state, {symbol, amount, entry_price, leverage, stop_price}, context) => {
			if (context.entry.authority !== 'live') return stay
			const others = without(state.positions, symbol)
			if (isZero(amount)) return weigh({...state, positions: others}, context, true)
			const risked: Risked = {
				amount,
				entry_price,
				...(leverage !== undefined && {leverage}),
				...(stop_price !== undefined && {stop_price}),
			}
			return weigh({...state, positions: {...others, [symbol]: risked}}, context, true)
		},
		portfolio: (state, {equity_usdt}, context) =>
			context.entry.authority !== 'live' || equity_usdt === state.equity_usdt
				? stay
				: weigh({...state, equity_usdt}, context, true),
		observed: (state, {symbol, plans_per_hour}, {entry}) => {
			if (entry.authority !== 'live') return stay
			const others = without(state.plans, symbol)
			return {state: {...state, plans: plans_per_hour === 0 ? others : {...others, [symbol]: plans_per_hour}}}
		},
	},
	onTimer: {
		confirm: (state, context) => weigh(state, context, false),
	},
})
