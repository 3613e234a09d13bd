import type {RegistryItem, RegistryView} from '../../daemon/client/registry-view.js'
import {table} from './table.js'
import {fitText} from './width.js'

const list = (names: readonly string[]): string => names.join(', ') || '-'

export const registryView = ({units, streams, keys}: RegistryView, width = Number.POSITIVE_INFINITY): string =>
	[
		table(
			[
				{heading: 'UNIT', value: ({name}) => name},
				{heading: 'STAGE', drop: 1, value: ({target}) => target},
				{heading: 'KIND', drop: 3, value: ({kind}) => kind},
				{heading: 'PORT', align: 'right', drop: 2, value: ({port}) => (port === null ? '-' : String(port))},
				{heading: 'ALSO KNOWN AS', prose: true, value: ({aliases}) => list(aliases)},
			],
			units,
			{width},
		),
		'',
		table(
			[
				{heading: 'STREAM', value: ({name}) => name},
				{heading: 'KIND', drop: 2, value: ({criticality}) => criticality},
				{
					heading: 'WRITERS',
					prose: true,
					drop: 1,
					value: ({writers, pending}) => list([...writers, ...(pending?.writer ? [`(${pending.writer})`] : [])]),
				},
				{
					heading: 'READERS',
					prose: true,
					value: ({readers, pending}) => list([...readers, ...(pending?.reader ? [`(${pending.reader})`] : [])]),
				},
			],
			streams,
			{width},
		),
		'',
		table(
			[
				{heading: 'KEY', value: ({pattern}) => pattern},
				{heading: 'TYPE', drop: 1, value: ({type}) => type},
				{heading: 'OWNER', value: ({owner}) => owner},
			],
			keys,
			{width},
		),
		'',
		fitText('in brackets: a unit that is declared and does not exist yet', width),
	].join('\n')

const facts = (rows: readonly (readonly [string, string])[]): string =>
	rows.map(([name, value]) => `${name.padEnd(14)}${value}`).join('\n')

/** One declared thing, with what it was found under. */
export const registryItemView = (item: RegistryItem): string => {
	const found = item.resolved_from === null ? [] : ([['found by', item.resolved_from]] as const)
	switch (item.kind) {
		case 'unit': {
			const {name, target, kind, port, aliases, reads, writes, keys, summary} = item.unit
			return facts([
				['unit', name],
				...found,
				['', summary],
				['stage', target],
				['kind', kind],
				['port', port === null ? '-' : String(port)],
				['also known as', list(aliases)],
				['reads', list(reads)],
				['writes', list(writes)],
				['keys', list(keys)],
			])
		}
		case 'stream': {
			const {name, summary, criticality, writers, readers, pending, operator_writes, retention_max, backlog_max} =
				item.stream
			return facts([
				['stream', name],
				...found,
				['', summary],
				['kind', criticality],
				['writers', list([...writers, ...(operator_writes ? ['operator'] : [])])],
				['readers', list(readers)],
				['to come', list(Object.entries(pending ?? {}).map(([end, unit]) => `${end} ${unit}`))],
				['keeps', `${retention_max} entries`],
				['backlog limit', String(backlog_max)],
			])
		}
		case 'key': {
			const {pattern, summary, type, owner, ttl_ms, former_names} = item.key
			return facts([
				['key', pattern],
				...found,
				['', summary],
				['type', type],
				['owner', owner],
				['kept', ttl_ms === null ? 'for good' : `${ttl_ms / 1_000} s`],
				['formerly', list(former_names)],
			])
		}
		case 'target':
			return facts([
				['stage', item.target.name],
				['', item.target.summary],
				['needs', list(item.target.requires)],
				['units', list(item.units)],
			])
		case 'retired':
			return facts([
				['RETIRED', item.name],
				['', item.summary],
			])
	}
}
