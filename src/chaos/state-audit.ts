import {Decimal} from 'decimal.js'
import {keys} from '../engine/contracts/keys.js'
import type {AnyUnit} from '../engine/contracts/unit.js'
import type {LedgerEntry} from '../engine/logic/ledger.js'
import {type LedgerVerdict, verifyLedger} from '../engine/logic/ledger-verify.js'
import {units} from '../engine/registry.js'
import {readReservation} from '../engine/scripts/reservation.js'
import {type Audited, journal} from './flow-audit.js'

/** What differs between our positions, their stops and reservations, and the venue. Empty when nothing does. */
export const positionProblems = async (system: Audited): Promise<readonly string[]> => {
	const {bus, naming, venue} = system
	const [positions, stops, reservations, total] = await Promise.all([
		venue.positions(),
		venue.stops(),
		bus.hashAll(naming.key(keys.reservations, {})),
		bus.get(naming.key(keys.totalNotional, {})),
	])
	const problems: string[] = []
	const match = naming.pattern(keys.positionSnapshot)
	const snapshots = ((await bus.redis.scanStream({match}).toArray()) as string[][]).flat()
	const symbols = new Set([
		...positions.map(({symbol}) => symbol),
		...snapshots.map(key => key.split(':').at(-1) ?? ''),
	])
	for (const symbol of symbols) {
		const at_venue = positions.find(row => row.symbol === symbol)?.positionAmt ?? '0'
		const {amount = '0', stop_resting} = await bus.hashAll(naming.key(keys.positionSnapshot, {symbol}))
		if (!new Decimal(amount).eq(at_venue))
			problems.push(`position of ${symbol}: ours ${amount}, the venue's ${at_venue}`)
		if (Number(at_venue) === 0) continue
		const closing = Number(at_venue) > 0 ? 'SELL' : 'BUY'
		const stop = stops.some(
			row =>
				row.symbol === symbol &&
				row.orderType === 'STOP_MARKET' &&
				row.side === closing &&
				(row.closePosition || new Decimal(row.quantity).gte(new Decimal(at_venue).abs())),
		)
		if (!stop) problems.push(`no stop rests at the venue for ${at_venue} ${symbol}`)
		if (stop_resting !== 'true') problems.push(`we do not know of the stop of ${symbol}`)
		if (reservations[symbol] === undefined) problems.push(`nothing is reserved for ${at_venue} ${symbol}`)
	}
	let sum = 0
	for (const [symbol, line] of Object.entries(reservations)) {
		const held = readReservation(line)
		sum += (held?.open ?? 0) + (held?.reserved ?? 0)
		if (!positions.some(row => row.symbol === symbol)) problems.push(`${line} is reserved for ${symbol}, which is flat`)
	}
	if (sum !== Number(total ?? 0)) problems.push(`reservations sum up to ${sum}, the total says ${total}`)
	return problems
}

/** The ledger against the venue's income and wallet, to the last decimal. */
export const ledgerVerdict = async (system: Audited): Promise<LedgerVerdict> => {
	const [entries, income, wallet] = await Promise.all([
		journal<LedgerEntry[]>(system, 'entries?limit=100000'),
		system.venue.income(),
		system.venue.wallet(),
	])
	return verifyLedger({
		entries,
		income: income.map(row => ({
			income_type: row.incomeType,
			asset: row.asset,
			amount: row.income,
			symbol: row.symbol,
			transaction_id: String(row.tranId),
			trade_id: row.tradeId,
		})),
		wallet,
		initial: {},
	})
}

const waitingFor = async ({bus, naming}: Audited, {name: unit, reads}: AnyUnit): Promise<readonly string[]> => {
	const backlogs = Object.values(reads)
		.filter(({criticality}) => criticality !== 'telemetry')
		.map(async ({name}) => {
			const {undelivered, pending} = await bus.backlog(naming.stream(name), naming.group(unit, name))
			return undelivered === 0 && pending === 0 ? [] : [`${unit} has ${undelivered} + ${pending} of ${name}`]
		})
	const effects = bus.hashAll(naming.key(keys.unitEffects, {unit}))
	const [waiting, awaited] = await Promise.all([Promise.all(backlogs), effects])
	return [...waiting.flat(), ...Object.keys(awaited).map(name => `${unit} awaits ${name}`)]
}

/** Entries that wait in a stream and effects whose result is not known, by unit. Empty when all has been handled. */
export const backlogOf = async (system: Audited): Promise<readonly string[]> =>
	(await Promise.all(units.map(unit => waitingFor(system, unit)))).flat()
