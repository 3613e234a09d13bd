import {applyPlan, governorEvents} from '../../engine/contracts/streams/trade.js'
import {entriesOf, type FlowEntry, type FlowStreams, type Matched, timeOf} from './flow-chain.js'
import {identityOf} from './trace-links.js'

export const FINDINGS = {
	DOUBLED: 'An entry has more than the one answer that it is owed.',
	UNASKED: 'An answer to what no stream holds.',
	PERMIT_DOUBLED: 'The governor allowed a plan twice.',
	EXPIRED_BUT_SENT: 'The reservation of a plan was given back as expired, and its order was sent.',
	LOST_UNREAD: 'An entry was removed from its stream before it was read.',
	ORDER_WITHOUT_PLAN: 'An order at the venue bears an id of ours, and nobody planned it.',
	ORDER_WITHOUT_PERMIT: 'An order at the venue of a plan that was never allowed.',
	SENT_AFTER_ALL: 'An order at the venue whose result says that it was not placed.',
	OVERDUE: 'Without an outcome for longer than any step takes.',
} as const

/** Something that must not be. `at_ms` is machine time. */
export type Finding = Readonly<{code: keyof typeof FINDINGS; id: string; at_ms: number; detail: string}>

const UNREAD = 'TRIMMED_UNREAD'

/** What a step of the chain did besides answering each entry once. Both times are machine time, ms. */
export const stageFindings = (
	{stage, doubled, unasked, answers}: Matched,
	{from_ms, settled_ms}: Readonly<{from_ms: number; settled_ms: number}>,
): readonly Finding[] => {
	const told = (entry: FlowEntry): string => `${entry.fields.unit ?? ''} on ${entry.stream} at ${entry.stream_id}`
	const twice = [...doubled].flatMap(([entry, more]): Finding[] =>
		timeOf(entry) < from_ms
			? []
			: [
					{
						code: 'DOUBLED',
						id: identityOf(entry),
						at_ms: timeOf(entry),
						detail: `${entry.stream} ${entry.stream_id} was answered again by ${more.map(told).join(', ')}`,
					},
				],
	)
	const lost = answers.filter(entry => entry.fields.reason === UNREAD && timeOf(entry) >= from_ms)
	// What was asked just before the record begins may have been answered within it.
	const stray = unasked.filter(entry => !lost.includes(entry) && timeOf(entry) >= settled_ms)
	return [
		...twice,
		...lost.map(
			(entry): Finding => ({
				code: 'LOST_UNREAD',
				id: entry.fields.entry_id ?? '',
				at_ms: timeOf(entry),
				detail: `${entry.fields.stream ?? ''} lost it before ${stage.unit} had read it`,
			}),
		),
		...stray.map(
			(entry): Finding => ({
				code: 'UNASKED',
				id: identityOf(entry),
				at_ms: timeOf(entry),
				detail: `${told(entry)} names cause ${entry.fields.cause || 'none'}, which ${stage.unit} cannot have read`,
			}),
		),
	]
}

/** Two permits for one plan, and permits that served after they had expired. */
export const permitFindings = (
	streams: FlowStreams,
	{sent, from_ms}: Readonly<{sent: ReadonlySet<string>; from_ms: number}>,
): readonly Finding[] => {
	const verdicts = entriesOf(streams, governorEvents).filter(entry => timeOf(entry) >= from_ms)
	const allowed = new Set<string>()
	return verdicts.flatMap((entry): Finding[] => {
		const {verdict, plan_id: id = ''} = entry.fields
		const at_ms = timeOf(entry)
		if (verdict === 'EXPIRED' && sent.has(id))
			return [{code: 'EXPIRED_BUT_SENT', id, at_ms, detail: `${governorEvents.name} ${entry.stream_id} released it`}]
		if (verdict !== 'ALLOW') return []
		if (!allowed.has(id)) {
			allowed.add(id)
			return []
		}
		return [{code: 'PERMIT_DOUBLED', id, at_ms, detail: `allowed again at ${entry.stream_id}; see ${applyPlan.name}`}]
	})
}
