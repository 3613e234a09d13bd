import {Decimal} from 'decimal.js'
import {getJson} from '../../src/daemon/running/probes.js'
import {socketPath} from '../../src/daemon/supervision/socket-path.js'
import type {Fields} from '../../src/engine/contracts/field.js'
import {keys} from '../../src/engine/contracts/keys.js'
import type {LedgerEntry} from '../../src/engine/logic/ledger.js'
import {type LedgerVerdict, verifyLedger} from '../../src/engine/logic/ledger-verify.js'
import {units} from '../../src/engine/registry.js'
import {readReservation} from '../../src/engine/scripts/reservation.js'
import type {RunningSystem} from './system.js'
import {clientIdOf, creations, fillsOf, type VenueRecord} from './system-venue.js'

const ENTRIES_MAX = 1_000_000

type Entries = readonly (Fields & {readonly stream_id: string})[]
const idOf = ({id, stream_id}: Entries[number]): string => id ?? stream_id
const planOf = ({plan_id = ''}: Fields): string => plan_id

/** All entries of a stream that are still there, oldest first. */
export const entriesOf = async ({bus, naming}: RunningSystem, stream: string): Promise<Entries> =>
	(await bus.range(naming.stream(stream), {count: ENTRIES_MAX})).map(({id, fields}) => ({...fields, stream_id: id}))

const counted = (names: Iterable<string>): ReadonlyMap<string, number> => {
	const counts = new Map<string, number>()
	for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
	return counts
}

/** Names that one side has more often than the other. */
const unequal = (what: string, wanted: Iterable<string>, found: Iterable<string>): string[] => {
	const [expected, counts] = [counted(wanted), counted(found)]
	return [...new Set([...expected.keys(), ...counts.keys()])].flatMap(name => {
		const [due, times] = [expected.get(name) ?? 0, counts.get(name) ?? 0]
		return due === times ? [] : [`${what}: ${name} occurs ${times} times, not ${due}`]
	})
}

const repeated = (what: string, names: Iterable<string>): string[] => unequal(what, new Set(names), names)

/** What breaks the chain from intent to order: each step has exactly one outcome. Empty when nothing does. */
export const flowProblems = async (system: RunningSystem): Promise<readonly string[]> => {
	const [intents, gated, refused, plans, dead, verdicts, results] = (await Promise.all(
		[
			'trade.intent',
			'portfolio.gate',
			'trade.intent.dlq',
			'apply.plan',
			'dead.letter',
			'governor.events',
			'apply.result',
		].map(name => entriesOf(system, name)),
	)) as [Entries, Entries, Entries, Entries, Entries, Entries, Entries]
	const buried = new Set(dead.filter(({stream}) => stream === 'apply.plan').map(({entry_id}) => entry_id))
	const readable = plans.filter(({stream_id}) => !buried.has(stream_id)).map(planOf)
	const decided = verdicts.filter(({verdict = ''}) => ['ALLOW', 'REFUSE', 'REPEAT'].includes(verdict))
	const orders = results.filter(({decision, client_order_id}) => decision === 'EXECUTED' && client_order_id)
	const made = creations(system.venue.log())
	const market = made.filter(({path}) => path === '/fapi/v1/order')
	const accepted = ({http}: VenueRecord) => http === 200
	return [
		...unequal('outcome of intent', intents.map(idOf), [
			...plans.flatMap(({intent_id}) => intent_id ?? []),
			...refused.map(({entry_id = ''}) => entry_id),
			...gated.filter(({decision}) => decision === 'REFUSE').map(({intent_id = ''}) => intent_id),
		]),
		...unequal('verdict on plan', readable, decided.map(planOf)),
		...repeated('first verdict on plan', decided.filter(({verdict}) => verdict !== 'REPEAT').map(planOf)),
		...unequal(
			'result of allowed plan',
			verdicts.filter(({verdict}) => verdict === 'ALLOW').map(planOf),
			results.map(planOf),
		),
		...unequal(
			'market order at the venue',
			orders.map(({client_order_id = ''}) => client_order_id),
			market.filter(accepted).map(clientIdOf),
		),
		...repeated('market order sent', market.map(clientIdOf)),
		...repeated('order accepted', made.filter(accepted).map(clientIdOf)),
	]
}

/** A route of the host that runs trade-logger. */
export const journal = async <Row>({home}: RunningSystem, path: string): Promise<Row> => {
	const where = {socketPath: socketPath(home.run, 'host-state.sock')}
	const {status, body} = await getJson(where, `/journal/${path}`, AbortSignal.timeout(20_000))
	if (status !== 200) throw new Error(`/journal/${path}: HTTP ${status} ${JSON.stringify(body)}`)
	return body as Row
}

/** What differs between the venue's fills and each place where we keep them. Empty when nothing does. */
export const fillProblems = async (system: RunningSystem): Promise<readonly string[]> => {
	const [account, native, results] = await Promise.all(
		['exchange.normalized', 'trade.execution.res', 'execution.result'].map(name => entriesOf(system, name)),
	)
	const rows = await journal<{symbol: string; trade_id: string}[]>(system, 'fills?limit=100000')
	const name = ({symbol = '', trade_id = ''}: Fields) => `${symbol}:${trade_id}`
	const venue = fillsOf(system.venue.log()).map(({symbol, trade_id}) => `${symbol}:${trade_id}`)
	return [
		...unequal('fill in exchange.normalized', venue, account?.filter(({kind}) => kind === 'fill').map(name) ?? []),
		...unequal('fill in trade.execution.res', venue, native?.map(name) ?? []),
		...unequal('fill in execution.result', venue, results?.map(name) ?? []),
		...unequal(
			'fill in the journal',
			venue,
			rows.map(({symbol, trade_id}) => `${symbol}:${trade_id}`),
		),
	]
}

/** What differs between our positions, their stops and reservations, and the venue. Empty when nothing does. */
export const positionProblems = async (system: RunningSystem): Promise<readonly string[]> => {
	const {bus, naming, venue} = system
	const [positions, stops, reservations, total] = await Promise.all([
		venue.positions(),
		venue.stops(),
		bus.hashAll(naming.key(keys.reservations, {})),
		bus.get(naming.key(keys.totalNotional, {})),
	])
	const problems: string[] = []
	const snapshots = await bus.redis.keys(naming.key(keys.positionSnapshot, {symbol: '*'}))
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
export const ledgerVerdict = async (system: RunningSystem): Promise<LedgerVerdict> => {
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

/** Entries that wait in a stream and effects whose result is not known, by unit. Empty when all has been handled. */
export const backlogOf = async ({bus, naming}: RunningSystem): Promise<readonly string[]> => {
	const waiting: string[] = []
	for (const unit of units) {
		for (const {name, criticality} of Object.values(unit.reads)) {
			if (criticality === 'telemetry') continue
			const {undelivered, pending} = await bus.backlog(naming.stream(name), naming.group(unit.name, name))
			if (undelivered !== 0 || pending !== 0) waiting.push(`${unit.name} has ${undelivered} + ${pending} of ${name}`)
		}
		const effects = await bus.hashAll(naming.key(keys.unitEffects, {unit: unit.name}))
		for (const name of Object.keys(effects)) waiting.push(`${unit.name} awaits ${name}`)
	}
	return waiting
}

/** Everything that must hold at a quiet time, as a list of what does not. */
export const allProblems = async (system: RunningSystem): Promise<readonly string[]> => {
	const [waiting, flow, fills, positions, ledger, dead] = await Promise.all([
		backlogOf(system),
		flowProblems(system),
		fillProblems(system),
		positionProblems(system),
		ledgerVerdict(system),
		entriesOf(system, 'dead.letter'),
	])
	return [
		...waiting,
		...flow,
		...fills,
		...positions,
		...(ledger.ok ? [] : [`the ledger: ${JSON.stringify({...ledger, changes: undefined}).slice(0, 1_500)}`]),
		...dead.map(({stream, entry_id, reason, detail}) => `dead letter ${entry_id} of ${stream}: ${reason} ${detail}`),
	]
}
