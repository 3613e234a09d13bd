import {defaultPolicy, type Policy} from '../contracts/policy.js'
import {exact, priceText, textOf} from './exact.js'
import {decideExit, guardsOf, stopMove, withBest} from './exit-decision.js'
import {basisOf, type Holding} from './exit-holding.js'
import {type Direction, gainAt, type Ladder, ladderOf} from './exit-ladder.js'
import {harvestLevels, trailingStop} from './harvest-levels.js'
import {markdownTable} from './markdown.js'

/** A position whose way out is worked through, level by level. */
export type ExampleCase = Readonly<{
	direction: Direction
	leverage: number
	entry_price: string
	/** Without a sign, base units. */
	size: string
	/** Distance of the initial stop, a share of the entry price. */
	initial: number
	sigma_15m: number
}>
export type LevelRow = Readonly<{level: string; price: string; of_price: string; of_margin: string; follows: string}>
export type WalkRow = Readonly<{price: string; asked: string; left: string; internal: string; resting: string}>

const LOT = {step_size: '0.001', min_quantity: '0.001'} as const

export const examples: readonly ExampleCase[] = ([1, -1] as const).flatMap(direction =>
	[
		{leverage: 3, initial: 0.03},
		{leverage: 10, initial: 0.01},
	].map(of => ({direction, ...of, entry_price: '50000', size: '0.004', sigma_15m: 0.003})),
)

const holdingOf = ({direction, leverage, entry_price, size, initial, sigma_15m}: ExampleCase): Holding => {
	const stop = priceText(Number(entry_price) * (1 - direction * initial))
	return {
		amount: direction > 0 ? size : `-${size}`,
		entry_price,
		opened_ms: 0,
		leverage,
		initial_stop_price: stop,
		resting: {price: stop, client_id: 's-1'},
		initial_size: size,
		sigma_15m,
		taken: 0,
		skipped: 0,
	}
}

const PERCENT = 100
const percent = (share: number): string => `${textOf(exact(share * PERCENT).toSignificantDigits(4))} %`

/** Levels of the exit owner and of harvests, from the greatest loss to the greatest gain. */
export const exampleLevels = (of: ExampleCase, policy: Policy = defaultPolicy): readonly LevelRow[] => {
	const {exit_brain, harvest} = policy
	const holding = holdingOf(of)
	const ladder = ladderOf(basisOf(holding), policy)
	const closes = (index: number): string =>
		index === ladder.targets.length - 1
			? 'everything that is left is closed'
			: `${percent(exit_brain.target_shares[index] ?? 0)} of the initial size is closed, the stop moves to ${priceText(ladder.stops[index + 1] ?? 0)}`
	const levels: [level: string, price: number | undefined, follows: string][] = [
		[
			'emergency',
			ladder.emergency_price,
			`closed whole, asked for again each second: ${percent(exit_brain.loss_emergency)} of the margin`,
		],
		['initial stop', Number(holding.initial_stop_price), 'rests at the venue from the first fill on'],
		['max loss', ladder.loss_max_price, `closed whole: ${percent(exit_brain.loss_max)} of the margin`],
		['internal stop', ladder.stops[0], 'closed whole at the first tick that is there'],
		['break-even', ladder.stops[1], `the entry and ${harvest.cost_bps} basis points: the stop after target 1`],
		...ladder.targets.map((target, index): [string, number, string] => [`target ${index + 1}`, target, closes(index)]),
	]
	const first = {...holding, largest: of.size}
	const taking = harvestLevels(first, harvest)
	if (taking)
		levels.push(
			[
				`harvest at ${harvest.first_r} R`,
				Number(taking.first_price),
				`${percent(harvest.first_share)} of the position is closed`,
			],
			[
				`harvest at ${harvest.break_even_r} R`,
				Number(taking.break_even_price),
				`the stop moves to ${taking.break_even_stop}, then trails ${harvest.trail_r} R behind the best price (from ${trailingStop(first, taking, taking.break_even_price, harvest.trail_r) ?? 'none'})`,
			],
		)
	return levels
		.flatMap(([level, price, follows]) =>
			price === undefined ? [] : [{level, price, gain: gainAt(ladder, price), follows}],
		)
		.sort((one, other) => one.gain - other.gain)
		.map(({level, price, gain, follows}) => ({
			level,
			price: priceText(price),
			of_price: percent(gain),
			of_margin: percent(gain * of.leverage),
			follows,
		}))
}

/** What one price makes of a holding, when everything that is asked for is done at once. */
const seen = (before: Holding, ladder: Ladder, price: number, policy: Policy) => {
	const held = withBest(before, ladder, price)
	const decision = decideExit({holding: held, ladder, price, kill_score: 0, lot: LOT}, policy)
	if (decision?.kind === 'whole')
		return {holding: {...held, amount: '0'}, asked: `FULL_CLOSE_PROPOSED, ${decision.reason}`}
	const size = exact(held.amount).abs()
	const taken =
		decision?.kind === 'part'
			? {...held, taken: decision.upto, amount: textOf(size.sub(decision.quantity).mul(ladder.direction))}
			: held
	const closes = decision?.kind === 'part' ? [`${decision.action} of ${decision.quantity}, ${decision.reason}`] : []
	const move = stopMove(taken, ladder, policy)
	if (!move) return {holding: taken, asked: closes.join('; ')}
	const resting = {price: priceText(move.stop_price), client_id: 's-2'}
	return {holding: {...taken, resting}, asked: [...closes, `${move.action} to ${resting.price}`].join('; ')}
}

/** A way from the entry through the targets, and back to where trailing closes. */
export const exampleWalk = (of: ExampleCase, policy: Policy = defaultPolicy): readonly WalkRow[] => {
	let holding = holdingOf(of)
	const ladder = ladderOf(basisOf(holding), policy)
	const {direction, entry_price, targets} = ladder
	const [first = entry_price, second = first, third = second] = targets
	const best = (second + third) / 2
	const trail = best - direction * policy.exit_brain.trailing * entry_price
	const prices = [entry_price, first, second, best, (best + trail) / 2, trail].map(priceText)
	return prices.map(price => {
		const {holding: next, asked} = seen(holding, ladder, Number(price), policy)
		holding = next
		const {stop, trail: behind} = guardsOf(next, ladder, policy)
		const open = next.amount !== '0'
		return {
			price,
			asked: asked || 'nothing',
			left: next.amount,
			internal: open ? priceText(behind ?? stop) : '',
			resting: open ? (next.resting?.price ?? '') : '',
		}
	})
}

const table = <Row extends Readonly<Record<string, string>>>(heads: readonly string[], rows: readonly Row[]): string =>
	markdownTable(
		heads,
		rows.map(row => Object.values(row)),
	)

const section = (of: ExampleCase): string => {
	const {direction, leverage, size, entry_price, initial} = of
	const name = `${direction > 0 ? 'Long' : 'Short'} at ${leverage}x`
	const notional = exact(size).mul(entry_price)
	return [
		`## ${name}`,
		`${size} BTCUSDT at ${entry_price}: ${textOf(notional)} USDT, margin ${textOf(notional.div(leverage).toDecimalPlaces(2))} USDT. The initial stop lies ${percent(initial)} away, which is ${percent(initial * leverage)} of the margin.`,
		table(['Level', 'Price', 'Of price', 'Of margin', 'What follows'], exampleLevels(of)),
		'A way through it, every plan carried out at once:',
		table(['Price', 'Asked for', 'Left', 'Guarded at', 'Stop at the venue'], exampleWalk(of)),
	].join('\n\n')
}

const INTRODUCTION = `# Exits, worked through

Each open position has one owner of its exit. \`exitbrain\` closes at its levels, moves the stop that rests at the venue behind what was reached, and says what it sees on \`exitbrain.pnl\`. When it is silent for \`exit_monitor.owner_stale_ms\`, or no stop rests, \`exit-monitor\` acts at levels of its own. \`qt exits <symbol>\` shows where a position stands.

This page is made by the functions that trade, with the default policy; a test fails when it is no longer what they say.

- The internal stop lies \`stop_volatility_multiple\` standard deviations of a 15-minute return away, between \`stop_min\` and \`stop_max\`, and never beyond the initial stop nor beyond \`loss_max\` of the margin. The standard deviation here is 0.3 % of price.
- Targets are multiples of that distance. After target 1 the stop stands at break-even, after target k at target k - 1; from target 1 on it also trails the best price by \`trailing\`. It never moves back.
- The resting stop follows from target 1 on. The new one stands beside the old one until that is cancelled, so that there is no moment without.
- Of several reasons at one price the harder one counts: emergency, max loss, trailing, stop, kill score, target.
- Harvests (\`harvest-brain\`) count in R, the distance of the initial stop. They suggest only, unless policy \`harvest.mode\` is live.
- The kill score closes from \`kill_score_close\`: 0.3 x volatility spike + 0.3 x trend against the position + 0.15 x age + 0.25 x way to the internal stop, each from 0 to 1.

At 10x a stop of 3 % would cost 30 % of the margin: such a plan is refused with \`STOP_BEYOND_LOSS_LIMIT\`. The examples at 10x have a stop of 1 %.`

/** docs/exits.md. */
export const exitsDocument = (): string => `${[INTRODUCTION, ...examples.map(section)].join('\n\n')}\n`
