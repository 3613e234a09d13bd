import {expect} from 'vitest'
import {readArmFile} from '../../src/daemon/client/arm-file.js'
import {CLIENT_LIMITS as limits} from '../../src/daemon/client/client-limits.js'
import {go} from '../../src/daemon/client/go.js'
import {type KillOptions, type KillReport, kill} from '../../src/daemon/client/killing.js'
import {openVenue} from '../../src/daemon/client/venue-access.js'
import {eventually} from './eventually.js'
import {type RunningSystem, startSystem} from './system.js'
import {creations, type VenueRecord} from './system-venue.js'

export const LONG_MS = 240_000
/** Every wait of a kill has its own bound; this is their sum. */
export const KILL_BOUND_MS =
	limits.latch_ms +
	limits.outcomes_ms +
	limits.venue_ms * 3 +
	limits.late_ms +
	limits.order_known_ms +
	limits.own_stop_ms
export const patient = {within_ms: 120_000, every_ms: 50}

/** A system in which nobody but the hand trades, and nothing closes by itself. */
export const startQuiet = (): Promise<RunningSystem> => {
	const policy = {
		intent_source: 'autonomous-trader',
		exit_monitor: {target: 0.9, stop: 0.9, trailing: 0.9, trailing_from: 0.9},
		exit_brain: {symbols_share: 0},
		depth_multiple_min: 0,
		cooldown_ms: 0,
	}
	return startSystem({settings: {speed: 20}, policy})
}

/** What an operator does to a system that is killed and armed again, and what the venue saw of it. */
export const operatorOf = (system: RunningSystem) => {
	const options = (of: Partial<KillOptions> = {}): KillOptions => ({
		home: system.home,
		mode: 'PAPER',
		by: 'ada',
		reason: 'a test',
		now_ms: Date.now,
		openVenue: () => openVenue(system.home, {}),
		...of,
	})
	const armed = () =>
		eventually(async () => (await go(system.home, {now_ms: Date.now})).state !== 'NOT CONFIRMED', {
			...patient,
			what: 'armed',
		})
	const armedInFile = () => {
		const file = readArmFile(system.home.arm)
		return file.kind === 'record' && file.record.armed
	}
	const amountOf = async (symbol: string) =>
		Number((await system.venue.positions()).find(row => row.symbol === symbol)?.positionAmt ?? 0)
	const want = async (symbol: string) => {
		const intent = {
			symbol,
			side: 'BUY',
			confidence: '0.9',
			action: 'OPEN',
			qty: symbol === 'ETHUSDT' ? '0.05' : '5',
			leverage: '2',
		}
		await system.redis.xadd(system.naming.stream('trade.intent'), '*', ...Object.entries(intent).flat())
	}
	/** Until the first gate knows what moves together, and prices are fresh, an intent may come to nothing. */
	const opened = (symbol: string) =>
		eventually(
			async () => {
				if ((await amountOf(symbol)) !== 0) return true
				await want(symbol)
				return false
			},
			{...patient, every_ms: 1_500, what: `${symbol} is open`},
		)
	/** A busy machine may not prove it at once; then it is asked for again, as an operator does. Every report, the last HALTED. */
	const halted = async (of: Partial<KillOptions> = {}): Promise<readonly KillReport[]> => {
		const reports: KillReport[] = []
		await eventually(
			async () => {
				const report = await kill(options(of))
				reports.push(report)
				if (report.state !== 'HALTED') throw new Error(JSON.stringify(report.steps))
				return true
			},
			{...patient, what: 'the kill is confirmed'},
		)
		return reports
	}
	/** Entries only: what protects may always come. */
	const opens = (log: readonly VenueRecord[]) =>
		creations(log).filter(({params}) => params?.reduceOnly !== 'true' && params?.type === 'MARKET')
	const since = (seq: number) => system.venue.log().filter(record => record.seq > seq)
	const mark = () => system.venue.log().at(-1)?.seq ?? 0

	/** Asks for entries until the gateway of this moment has refused one, which proves that it had the chance. */
	const temptation = async (from: number) => {
		for (const symbol of ['AVAXUSDT', 'LINKUSDT', 'BNBUSDT']) await want(symbol)
		expect(opens(since(from))).toEqual([])
	}

	return {options, armed, armedInFile, amountOf, want, opened, halted, opens, since, mark, temptation}
}
