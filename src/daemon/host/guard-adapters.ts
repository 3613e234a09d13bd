import {z} from 'zod'
import {keys} from '../../engine/contracts/keys.js'
import {messageOf} from '../../engine/errors.js'
import type {StateReading} from '../../engine/logic/baseline.js'
import type {FeedAdapter, UnitAdapters} from '../../engine/runtime/adapters.js'
import type {EssWord} from '../../engine/units/brains/ess-watch.js'
import type {Environment} from './environment.js'

/** Guards look at the state keys this often, machine time: WATCH_SILENCE_MS has room for many looks. */
const LOOK_EVERY_MS = 1_000

type Needs = Pick<Environment, 'bus' | 'naming' | 'clock' | 'log' | 'unitRoutes'>

/** Pushes what a look gives. One that fails is not pushed: the guard falls silent, which stops entries. */
const looking = <Seen>({clock, log}: Needs, look: () => Promise<Seen>): FeedAdapter => ({
	run: async (push, signal) => {
		while (!signal.aborted) {
			try {
				await push(await look())
			} catch (error) {
				if (!signal.aborted) log.warn({error: messageOf(error)}, 'the state keys cannot be read')
			}
			await clock.wait(LOOK_EVERY_MS, signal)
		}
	},
})

const whole = z.coerce.number().int().nonnegative()
const held = z.array(z.object({symbol: z.string(), notional_usdt: z.string()}))
const portfolio = z.object({
	equity_usdt: z.string().optional(),
	positions: z
		.string()
		.default('[]')
		.transform(text => held.parse(JSON.parse(text))),
	machine_ms: whole.default(0),
})

/** When the market of what is held was last heard of. In lock-step it stands still by itself, and only the clock tells. */
const marketMs = async (
	{bus, naming}: Pick<Needs, 'bus' | 'naming'>,
	symbols: readonly string[],
	clock: Readonly<Record<string, string>>,
): Promise<number> => {
	const told_ms = whole.parse(clock.machine_ms ?? 0)
	if (Number(clock.speed) === 0) return told_ms
	const quotes = await Promise.all(
		symbols.map(symbol => bus.hashGet(naming.key(keys.marketQuote, {symbol}), 'machine_ms')),
	)
	return Math.min(told_ms, ...quotes.map(quote_ms => whole.parse(quote_ms ?? 0)))
}

export const readState = async ({bus, naming}: Pick<Needs, 'bus' | 'naming'>): Promise<StateReading> => {
	const [kill, arm, state, clock, sends] = await Promise.all([
		bus.get(naming.key(keys.kill, {})),
		bus.hashAll(naming.key(keys.arm, {})),
		bus.hashAll(naming.key(keys.portfolioState, {})),
		bus.hashAll(naming.key(keys.clock, {})),
		bus.hashAll(naming.key(keys.unitEffects, {unit: keys.dedupApply.owner})),
	])
	const {equity_usdt, positions, machine_ms} = portfolio.parse(state)
	return {
		armed: kill === '0' && arm.armed === '1',
		...(equity_usdt !== undefined && {equity_usdt}),
		notionals: positions.map(({notional_usdt}) => notional_usdt),
		portfolio_ms: machine_ms,
		market_ms: await marketMs(
			{bus, naming},
			positions.map(({symbol}) => symbol),
			clock,
		),
		sends: Object.keys(sends).sort(),
	}
}

/** GET /bsc answers with its key, as one JSON object. */
export const bscAdapters = (environment: Needs): UnitAdapters => {
	const {bus, naming, unitRoutes} = environment
	const answer = async () => {
		const {rules, ...fields} = await bus.hashAll(naming.key(keys.bscState, {}))
		return {...fields, rules: JSON.parse(rules ?? '[]') as unknown}
	}
	unitRoutes.set(keys.bscState.owner, new Map([['/bsc', answer]]))
	return {feeds: {reading: looking(environment, () => readState(environment))}, effects: {}}
}

export const essWatchAdapters = (environment: Needs): UnitAdapters => {
	const {bus, naming} = environment
	const look = async (): Promise<EssWord> => {
		const {state = '', machine_ms = '0'} = await bus.hashAll(naming.key(keys.essState, {}))
		return {state, machine_ms: whole.parse(machine_ms)}
	}
	return {feeds: {word: looking(environment, look)}, effects: {}}
}
