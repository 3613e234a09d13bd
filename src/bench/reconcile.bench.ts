import {setTimeout as pause} from 'node:timers/promises'
import {venueInspector} from '../engine/adapters/exchange/venue-inspector.js'
import {encodeEnvelope} from '../engine/contracts/envelope.js'
import {encodeFields, type Fields} from '../engine/contracts/field.js'
import {defaultPolicy} from '../engine/contracts/policy.js'
import {exchangeNormalized, positionSnapshot, reconcileEvents} from '../engine/contracts/streams/account.js'
import {anyUnit} from '../engine/contracts/unit.js'
import {exchangeLimits} from '../engine/exchange/exchange-limits.js'
import {type Belief, differencesOf, type Inspection} from '../engine/logic/reconcile.js'
import type {EffectAdapter} from '../engine/runtime/adapters.js'
import {reconcileEngine} from '../engine/units/state/reconcile-engine.js'
import {type Bench, type BenchResult, spreadOf} from './bench.js'
import {symbolsOf} from './exit-positions.js'
import {LoneUnit} from './lone-unit.js'
import {type Held, LoneVenue} from './lone-venue.js'

const POSITIONS = 100
const COMPARISONS = 50
const EVERY_MS = 2_000
/** One comparison costs more than a tenth of the weight that a client may spend in a minute: so many take turns. */
const CLIENTS = 5
const LOOK_EVERY_MS = 250
/** Beyond the pauses between them. */
const ALL_WITHIN_MS = 60_000
const LEVERAGE = 20

const policy = {...defaultPolicy, reconcile_every_machine_ms: EVERY_MS}

const envelope = (id: string) => encodeEnvelope({id, cause: '', unit: 'bench', ts: Date.now(), v: 1, authority: 'live'})
const snapshotOf = ({symbol, positionAmt, entryPrice}: Held): Fields => ({
	...envelope(`p-${symbol}`),
	...encodeFields({
		...{symbol, amount: positionAmt, entry_price: entryPrice, opened_ms: Date.now(), source: 'fill'},
		...{leverage: LEVERAGE, stop_resting: true},
	}),
})
const resynced: Fields = {
	...envelope('resynced'),
	...encodeFields({kind: 'connection', status: 'RESYNCED', detail: 'bench'}),
}

type Reading = Readonly<{ms: number; ended_ms: number; inspection: Inspection}>

/** The unit's own inspector, with how long each reading took, by the key of its effect. */
const timedInspector = async (venue: LoneVenue) => {
	const {rest_url, ws_url, account} = venue
	const {api_key, api_secret} = account
	const recv_window_ms = exchangeLimits.recv_window_ms
	const config = {mode: 'PAPER' as const, rest_url, ws_url, api_key, api_secret, symbols: [], recv_window_ms}
	const inspectors = Array.from({length: CLIENTS}, () => venueInspector({...config, intervals: []}))
	const {signal} = new AbortController()
	// The first reading opens the client.
	for (const inspector of inspectors) await inspector.perform({}, {idempotency_key: '', recovered: false, signal})
	const readings = new Map<string, Reading>()
	const inspect: EffectAdapter = {
		perform: async (request, info) => {
			const inspector = inspectors[readings.size % CLIENTS]
			const begun = performance.now()
			const inspection = (await inspector?.perform(request, info)) as Inspection
			const ms = performance.now() - begun
			readings.set(info.idempotency_key, {ms, ended_ms: Date.now(), inspection})
			return inspection
		},
	}
	return {inspect, readings}
}

type Compared = Readonly<{whole_ms: number; reading_ms: number; rest_ms: number; inspection: Inspection}>

/** Comparisons of one reading each that found everything as it is, since a moment: by what the unit has published. */
const comparedSince = async (
	unit: LoneUnit,
	readings: ReadonlyMap<string, Reading>,
	since_ms: number,
): Promise<Compared[]> => {
	const rows = await unit.redis.xrange(unit.naming.stream(reconcileEvents.name), '-', '+')
	return rows.flatMap(([id, flat]) => {
		const of = (name: string) => flat[flat.indexOf(name) + 1] ?? ''
		const [run_id, outcome] = [of('run_id'), of('outcome')]
		const asked_ms = Number(run_id.replace('run-', ''))
		if (outcome === 'CORRECTION' || asked_ms < since_ms) return []
		if (outcome !== 'CLEAN') throw new Error(`A comparison came out ${outcome}: ${of('detail')}`)
		const reading = readings.get(`${run_id}/1`)
		if (!reading || readings.has(`${run_id}/2`)) return []
		const told_ms = Number(id.split('-')[0])
		const {ms: reading_ms, ended_ms, inspection} = reading
		return [{whole_ms: told_ms - asked_ms, reading_ms, rest_ms: told_ms - ended_ms, inspection}]
	})
}

/** The comparison itself, without anything around it, ms. @throws Error when it finds a difference */
const aloneMs = (held: readonly Held[], inspection: Inspection): number => {
	const positions = held.map(({symbol, positionAmt, entryPrice}) => [
		symbol,
		{amount: positionAmt, entry_price: entryPrice, stop_resting: true},
	])
	const belief: Belief = {positions: Object.fromEntries(positions), balances: {}}
	const begun = performance.now()
	const differences = differencesOf(belief, inspection, policy)
	const ms = performance.now() - begun
	if (differences.length > 0) throw new Error(`The venue differs: ${JSON.stringify(differences[0])}`)
	return ms
}

const resultOf = (compared: readonly Compared[], held: readonly Held[]): BenchResult => {
	const spread = (name: string, of: (one: Compared) => number) => spreadOf(name, 'ms', compared.map(of))
	const [first] = compared
	return {
		measurements: [],
		ratios: [],
		floors: [],
		spreads: [
			spread('one whole comparison', ({whole_ms}) => whole_ms),
			spread('of it reading the venue', ({reading_ms}) => reading_ms),
			spread('of it comparing, and commit', ({rest_ms}) => rest_ms),
			spread('comparing alone', ({inspection}) => aloneMs(held, inspection)),
		],
		notes: [
			`${first?.inspection.positions.length} positions and ${first?.inspection.stops.length} stops in each; a comparison every ${EVERY_MS / 1_000} s or more, by ${CLIENTS} clients in turn, each with the weight that one may spend`,
			'the unit alone on its bus; whole: from the question to the outcome on its stream, by the clock of the machine',
		],
	}
}

const measure = async (
	redis_url: string,
	venue: LoneVenue,
	{symbols, count}: Readonly<{symbols: readonly string[]; count: number}>,
): Promise<BenchResult> => {
	const held = await venue.hold(symbols)
	if (held.length !== symbols.length)
		throw new Error(`The venue holds ${held.length} positions; expected ${symbols.length}`)
	const {inspect, readings} = await timedInspector(venue)
	const adapters = {feeds: {}, effects: {inspect}}
	const unit = new LoneUnit({redis_url, prefix: 'reconcile:', unit: anyUnit(reconcileEngine), adapters, policy})
	try {
		await unit.append([
			...held.map(row => [positionSnapshot.name, snapshotOf(row)] as const),
			[exchangeNormalized.name, resynced] as const,
		])
		await unit.drained(positionSnapshot.name)
		await unit.drained(exchangeNormalized.name)
		const since_ms = Date.now()
		let compared: readonly Compared[] = []
		const done = async () => {
			await pause(LOOK_EVERY_MS)
			compared = await comparedSince(unit, readings, since_ms)
			return compared.length >= count
		}
		await unit.until(`${count} comparisons`, done, count * EVERY_MS * 2 + ALL_WITHIN_MS)
		return resultOf(compared, held)
	} finally {
		await unit.close()
	}
}

export const reconciling: Bench = {
	name: 'reconcile',
	summary: `What is believed of ${POSITIONS} positions and their stops beside the paper exchange, over its socket.`,
	run: async ({redis_url, scale}) => {
		const symbols = symbolsOf(Math.max(1, Math.round(POSITIONS * Math.min(1, scale))))
		const venue = await LoneVenue.start(symbols)
		try {
			return await measure(redis_url, venue, {symbols, count: Math.max(1, Math.round(COMPARISONS * scale))})
		} finally {
			await venue.stop()
		}
	},
}
