import type {Policy} from '../contracts/policy.js'
import type {Side} from '../contracts/streams/account.js'
import {equal, exact, isZero, textOf} from './exact.js'
import {type ForeignMark, isForeign} from './foreign.js'
import {protects, type RestingStop} from './position.js'

/** What the venue says, read by REST; decimals as the venue prints them. */
export type Inspection = Readonly<{
	positions: readonly Readonly<{
		symbol: string
		amount: string
		entry_price: string
		mark_price: string
		unrealised_pnl: string
		leverage: string
		liquidation_price: string
		updated_ms: number
	}>[]
	orders: readonly Readonly<{
		symbol: string
		order_id: string
		client_order_id: string
		side: Side
		type: string
		reduce_only: boolean
		quantity: string
		filled_quantity: string
	}>[]
	stops: readonly Readonly<{
		symbol: string
		algo_id: string
		client_algo_id: string
		order_type: string
		side: Side
		trigger_price: string
		close_position: boolean
		quantity: string
	}>[]
	balances: readonly Readonly<{asset: string; wallet_balance: string}>[]
	/** Long and short of a symbol are positions of their own: not what we trade by. */
	hedge_mode: boolean
	/** Initial margin of all positions by the account's own sum, USDT: asked for apart from the positions. */
	position_margin: string
	venue_ms: number
	machine_ms: number
}>

export type BelievedPosition = Readonly<{
	amount: string
	entry_price: string
	stop_resting: boolean
	foreign?: ForeignMark | undefined
}>
/** What we believe: positions as published, wallet balances as last pushed. */
export type Belief = Readonly<{
	positions: Readonly<Record<string, BelievedPosition>>
	balances: Readonly<Record<string, string>>
}>

/** What must hold between us and the venue. */
export const invariants = {
	R1: 'The amount of each position is the venue’s',
	R2: 'The entry price of each position is the venue’s',
	R3: 'A stop rests for each open position, and we know of it',
	R4: 'No conditional order rests without a position',
	R5: 'No entry order rests that is not ours',
	R6: 'The wallet balance of each asset is the venue’s',
	R7: 'The account is in one-way mode',
} as const
export type Invariant = keyof typeof invariants

export type Difference = Readonly<{
	invariant: Invariant
	/** Symbol, asset for R6, `account` for R7. */
	subject: string
	/** What we believe. */
	expected: string
	/** What the venue says. */
	actual: string
}>

/** Averages are rounded by both sides; what is more than this share of the price apart is not rounding. */
const ENTRY_TOLERANCE = 1e-5
const NONE: BelievedPosition = {amount: '0', entry_price: '0', stop_resting: false}
const RESTING = 'resting'
const NO_STOP = 'no stop'

const plain = (amount: string): string => textOf(exact(amount))

export type VenuePosition = Readonly<{
	amount: string
	entry_price: string
	stop_resting: boolean
	/** A stop or target of ours rests in the symbol. */
	ours: boolean
	stops: readonly string[]
}>

/** The venue's position in a symbol, with whether a stop protects it; flat when the venue lists none. */
export const venuePosition = ({positions, stops}: Inspection, symbol: string): VenuePosition => {
	const found = positions.find(position => position.symbol === symbol)
	const amount = plain(found?.amount ?? '0')
	const resting = stops.filter(stop => stop.symbol === symbol)
	const closing: RestingStop[] = resting.filter(({order_type}) => order_type === 'STOP_MARKET')
	return {
		amount,
		entry_price: isZero(amount) ? '0' : plain(found?.entry_price ?? '0'),
		stop_resting: protects(amount, closing),
		ours: resting.some(({client_algo_id}) => !isForeign(client_algo_id)),
		stops: resting.map(({client_algo_id}) => client_algo_id).toSorted(),
	}
}

const isNear = (first: string, second: string): boolean =>
	exact(first).sub(second).abs().lte(exact(second).abs().mul(ENTRY_TOLERANCE))

const ofSymbol = (
	subject: string,
	ours: BelievedPosition,
	venue: VenuePosition,
	policy: Pick<Policy, 'foreign'>,
): readonly Difference[] => {
	const differences: Difference[] = []
	const differs = (invariant: Invariant, expected: string, actual: string): void => {
		differences.push({invariant, subject, expected, actual})
	}
	const flat = isZero(venue.amount)
	const same = equal(ours.amount, venue.amount)
	if (!same) differs('R1', plain(ours.amount), venue.amount)
	if (same && !flat && !isNear(ours.entry_price, venue.entry_price))
		differs('R2', plain(ours.entry_price), venue.entry_price)
	const known = venue.stop_resting === ours.stop_resting
	// Whether a stop rests for what is left to others is theirs to see to.
	if (!flat && !(known && (venue.stop_resting || ours.foreign === 'ignored')))
		differs('R3', ours.stop_resting ? RESTING : NO_STOP, venue.stop_resting ? RESTING : NO_STOP)
	const orphans = policy.foreign === 'ignore' ? venue.stops.filter(id => !isForeign(id)) : venue.stops
	if (flat && orphans.length > 0) differs('R4', 'none', orphans.join(' '))
	return differences
}

const HEDGED: Difference = {invariant: 'R7', subject: 'account', expected: 'one-way mode', actual: 'hedge mode'}

/**
 * Every difference between what we believe and what the venue says, in the order of symbols and invariants. Orders of
 * others are none where the policy ignores what is foreign: they are shown, and left. In hedge mode a symbol has two
 * positions, neither of which is the one that we believe in: nothing else is compared.
 */
export const differencesOf = (
	belief: Belief,
	inspection: Inspection,
	policy: Pick<Policy, 'foreign'>,
): readonly Difference[] => {
	if (inspection.hedge_mode) return [HEDGED]
	const symbols = new Set([
		...Object.keys(belief.positions),
		...inspection.positions.map(({symbol}) => symbol),
		...inspection.stops.map(({symbol}) => symbol),
	])
	const foreign = inspection.orders.filter(
		({reduce_only, client_order_id}) => policy.foreign === 'adopt' && !reduce_only && isForeign(client_order_id),
	)
	return [
		...[...symbols]
			.toSorted()
			.flatMap(symbol => ofSymbol(symbol, belief.positions[symbol] ?? NONE, venuePosition(inspection, symbol), policy)),
		...foreign.map(({symbol, client_order_id}) => ({
			invariant: 'R5' as const,
			subject: symbol,
			expected: 'none',
			actual: client_order_id,
		})),
		...inspection.balances.flatMap(({asset, wallet_balance}) => {
			const ours = belief.balances[asset]
			// An asset that has never been pushed is not a difference: there is nothing to compare.
			if (ours === undefined || equal(ours, wallet_balance)) return []
			return [{invariant: 'R6' as const, subject: asset, expected: plain(ours), actual: plain(wallet_balance)}]
		}),
	]
}

export const sameDifference = (first: Difference, second: Difference): boolean =>
	first.invariant === second.invariant &&
	first.subject === second.subject &&
	first.expected === second.expected &&
	first.actual === second.actual

/**
 * A difference is real when two inspections in a row show the same one and nothing was heard of its subject
 * from the first question on: else an event was on its way while the snapshot was taken.
 */
export const confirmed = (
	first: readonly Difference[],
	second: readonly Difference[],
	isQuiet: (difference: Difference) => boolean,
): readonly Difference[] =>
	second.filter(difference => isQuiet(difference) && first.some(before => sameDifference(before, difference)))

/**
 * Why an inspection cannot be believed by itself; undefined when it can. A list without any position, while the account
 * has margin in use for positions, is an answer that was lost on its way and not flat.
 */
export const contradictionOf = ({positions, position_margin}: Inspection): string | undefined =>
	positions.length > 0 || isZero(position_margin)
		? undefined
		: `The venue lists no position, but ${plain(position_margin)} USDT of margin are in use for positions`

/** Symbols in which we hold a position that the venue does not list. */
export const vanished = (differences: readonly Difference[]): readonly string[] =>
	differences
		.filter(({invariant, expected, actual}) => invariant === 'R1' && isZero(actual) && !isZero(expected))
		.map(({subject}) => subject)
