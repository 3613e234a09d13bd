import {keys} from '../../contracts/keys.js'
import {positionSnapshot} from '../../contracts/streams/account.js'
import {marketTick} from '../../contracts/streams/market.js'
import {alerts} from '../../contracts/streams/ops.js'
import {type Context, defineFeed, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {isZero} from '../../logic/exact.js'
import {valuationOf} from '../../logic/portfolio.js'
import {dangerOf, type MarginReading, toLiquidation, toStop, type Watched} from '../../logic/position-watch.js'

/** Of one symbol; empty while flat. */
export type MonitorState = Readonly<{watched?: Watched}>

const initial: MonitorState = {}
const writes = {alert: alerts}
type Ctx = Context<typeof writes, Record<never, never>, Record<never, never>>

/** What moves without danger is kept once per machine second: it is only looked at. */
const KEEP_EVERY_MS = 1_000

const percent = (share: number | null): string => (share === null ? 'unknown' : `${(share * 100).toFixed(2)} %`)

/** The position with what is new of it, and an alert where danger begins or is over. */
const watch = (watched: Watched, {emit, partition: symbol}: Ctx): Step<MonitorState> => {
	const {near, ...others} = watched
	const danger = dangerOf(watched, near === true)
	const next: Watched = danger ? {...others, near: true} : others
	if (Boolean(danger) === Boolean(near)) return {state: {watched: next}}
	const room = percent(toLiquidation(watched))
	const message = {
		BEFORE_STOP: `${symbol}: liquidation at ${room} of the price comes before the stop at ${percent(toStop(watched))}: reduce it, or add margin`,
		NEAR: `${symbol}: liquidation is ${room} of the price away: reduce it, or add margin`,
		over: `${symbol}: liquidation is ${room} of the price away again`,
	}[danger ?? 'over']
	const alert = danger
		? emit.alert({severity: 'critical', code: 'NEAR_LIQUIDATION', subject: symbol, message})
		: emit.alert({severity: 'info', code: 'LIQUIDATION_FAR', subject: symbol, message})
	return {state: {watched: next}, wishes: [alert]}
}

/** That a stop is missing is exit-monitor's to say. */
export const positionMonitor = defineUnit({
	name: 'position-monitor',
	target: 'state',
	kind: 'stream',
	port: 8005,
	summary:
		'Watch over every open position: unrealised PnL, margin, distance to stop and to liquidation, age; HTTP view.',
	reads: {position: positionSnapshot, tick: marketTick},
	conflates: ['tick'],
	writes,
	keys: {},
	looks: [keys.unitState],
	feeds: {
		margins: defineFeed<MarginReading>('Liquidation price and margin of each open position, as the venue says', {
			conflate: true,
		}),
	},
	initial: () => initial,
	on: {
		position: ({watched}, {amount, entry_price, opened_ms, stop_price, leverage}, context) => {
			const {entry} = context
			if (entry.authority !== 'live') return stay
			if (isZero(amount)) return watched ? {state: initial} : stay
			const same = watched?.position.opened_ms === opened_ms
			const before = same ? watched : {price: entry_price, price_ms: entry.ts, priced_machine_ms: 0}
			const position = {
				amount,
				entry_price,
				opened_ms,
				...(stop_price !== undefined && {stop_price}),
				...(leverage !== undefined && {leverage}),
			}
			return watch({...before, position}, context)
		},
		tick: ({watched}, tick, context) => {
			const {entry, machine_ms} = context
			if (!watched || entry.authority !== 'live' || entry.ts < watched.price_ms) return stay
			const step = watch(
				{...watched, price: valuationOf(tick), price_ms: entry.ts, priced_machine_ms: machine_ms},
				context,
			)
			return step.wishes || Math.abs(machine_ms - watched.priced_machine_ms) >= KEEP_EVERY_MS ? step : stay
		},
	},
	onFeed: {
		margins: ({watched}, {symbol: _, ...reading}, context) =>
			watched ? watch({...watched, margin: {...reading, machine_ms: context.machine_ms}}, context) : stay,
	},
})
