import type {Downstream} from '../../daemon/client/stream-downstream.js'
import type {StreamDetail} from '../../daemon/client/stream-show.js'
import type {GroupStatus} from '../../daemon/client/stream-status.js'
import {escaped} from '../../engine/untrusted-text.js'
import type {Paint} from './colour.js'
import {groupColumns, rateText} from './streams-view.js'
import {table} from './table.js'
import {duration, known} from './terms.js'
import {fitText} from './width.js'

const list = (names: readonly string[]): string => names.join(', ') || '-'
const age = (ms: number | null): string => (ms === null ? known(null) : duration(ms))

const contractLines = ({contract, status, retention}: StreamDetail): readonly string[] => {
	const {state, detail, length, added, oldest_ms, newest_ms} = status
	const rate = status.groups.find(({in_per_s}) => in_per_s !== null)?.in_per_s ?? null
	const present = state === 'PRESENT' || state === 'RETIRED'
	const held = retention.held_by.length > 0 ? `; ${list(retention.held_by)} keeps it from being trimmed` : ''
	const over = retention.over ? `, ${retention.over} more than that` : ''
	return [
		...(contract
			? [
					contract.summary,
					`kind        ${contract.criticality}; operators ${contract.operator_writes ? 'may' : 'may not'} write it`,
					`writers     ${list(contract.writers)}`,
					`readers     ${list(contract.readers)}`,
					`fields      ${list(contract.fields)}`,
					`kept        ${contract.retention_max} entries${over}${held}`,
				]
			: ['nobody declares it']),
		present
			? `entries     ${known(length)}, ${known(added)} ever; the oldest ${age(oldest_ms)} old, the newest ${age(newest_ms)}`
			: `entries     none: ${state === 'OTHER' ? `the key is a ${detail}` : state.toLowerCase()} ${state === 'UNREADABLE' ? escaped(detail) : ''}`.trimEnd(),
		...(present ? [`rate        ${rateText(rate)} entries per second`] : []),
	]
}

const consumerLines = ({unit, group, consumers}: GroupStatus): readonly string[] =>
	(consumers ?? []).map(
		({name, pending, idle_ms}) =>
			`  ${unit ?? escaped(group)}: ${escaped(name)}, ${pending} pending, last read or claimed something ${duration(idle_ms)} ago`,
	)

const downstreamLines = ({unit, target, writes, next, reached, stages, refuses}: Downstream): readonly string[] => [
	`  ${unit} (${target}): ${writes.length === 0 ? 'writes nothing further' : `what it writes grows old: ${list(writes)}`}`,
	...(next.length > 0
		? [`    ${list(next)} then work on old data; ${reached} units in all, stages ${list(stages)}`]
		: []),
	...refuses.map(
		({code, meaning, policy}) => `    entries are refused, ${code}: ${meaning}${policy ? ` Limit: ${policy}.` : ''}`,
	),
]

/** All about one stream: what it is, who reads it and how well, and what follows when one of them is behind. */
export const streamShowView = (detail: StreamDetail, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {status, samples, span_ms, downstream} = detail
	const {groups, stream} = status
	const reasons = groups.map(
		({unit, group, status: health, reason}) => `${unit ?? escaped(group)} ${health}: ${escaped(reason)}`,
	)
	const before = [paint('strong', escaped(stream)), ...contractLines(detail)]
	const after = [
		...reasons,
		...groups.flatMap(consumerLines),
		...(downstream.length > 0 ? ['', 'what a lag means:', ...downstream.flatMap(downstreamLines)] : []),
		'',
		`${samples} samples over ${duration(span_ms)}, machine time`,
	]
	const groupTable = table(
		groupColumns<GroupStatus>(paint, group => group),
		groups,
		{none: 'no group reads it', width},
	)
	return [fitText(before.join('\n'), width), '', groupTable, '', fitText(after.join('\n'), width)].join('\n')
}
