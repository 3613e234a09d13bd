import {getJson} from '../daemon/running/probes.js'
import {socketPath} from '../daemon/supervision/socket-path.js'
import type {Home} from '../daemon/system/home.js'
import type {RedisBus} from '../engine/adapters/redis/redis-bus.js'
import type {Fields} from '../engine/contracts/field.js'
import type {Naming} from '../engine/contracts/naming.js'
import {exchangeNormalized} from '../engine/contracts/streams/account.js'
import {deadLetters} from '../engine/contracts/streams/ops.js'
import {
	applyPlan,
	applyResult,
	executionResult,
	governorEvents,
	intentDeadLetter,
	portfolioGate,
	tradeExecutionRes,
	tradeIntent,
} from '../engine/contracts/streams/trade.js'
import {clientIdOf, creations, fillsOf, type SystemVenue, type VenueRecord} from './system-venue.js'

/** What is needed of a running system to judge it. */
export type Audited = Readonly<{home: Home; bus: RedisBus; naming: Naming; venue: SystemVenue}>

const ENTRIES_MAX = 1_000_000

type Entries = readonly (Fields & {readonly stream_id: string})[]
const idOf = ({id, stream_id}: Entries[number]): string => id ?? stream_id
const planOf = ({plan_id = ''}: Fields): string => plan_id

/** All entries of a stream that are still there, oldest first. */
export const entriesOf = async ({bus, naming}: Audited, stream: string): Promise<Entries> =>
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
export const flowProblems = async (system: Audited): Promise<readonly string[]> => {
	const [intents, gated, refused, plans, dead, verdicts, results] = (await Promise.all(
		[tradeIntent, portfolioGate, intentDeadLetter, applyPlan, deadLetters, governorEvents, applyResult].map(({name}) =>
			entriesOf(system, name),
		),
	)) as [Entries, Entries, Entries, Entries, Entries, Entries, Entries]
	const buried = new Set(dead.filter(({stream}) => stream === applyPlan.name).map(({entry_id}) => entry_id))
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
export const journal = async <Row>({home}: Audited, path: string): Promise<Row> => {
	const where = {socketPath: socketPath(home.run, 'host-state.sock')}
	const {status, body} = await getJson(where, `/journal/${path}`, AbortSignal.timeout(20_000))
	if (status !== 200) throw new Error(`/journal/${path}: HTTP ${status} ${JSON.stringify(body)}`)
	return body as Row
}

/** What differs between the venue's fills and each place where we keep them. Empty when nothing does. */
export const fillProblems = async (system: Audited): Promise<readonly string[]> => {
	const [account, native, results] = await Promise.all(
		[exchangeNormalized, tradeExecutionRes, executionResult].map(({name}) => entriesOf(system, name)),
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
