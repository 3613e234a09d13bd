import {shown} from '../audit/quoting.js'
import type {Report} from '../audit/report-schema.js'
import type {LimitsView} from '../daemon/client/limits.js'
import type {ProtectedPosition} from '../daemon/client/positions.js'
import type {GroupStatus, StreamStatus} from '../daemon/client/stream-status.js'
import type {SystemStatus} from '../daemon/client/system-status.js'
import {literal} from '../engine/logic/markdown.js'
import type {Usage} from './process-usage.js'
import type {ServerFacts} from './server-facts.js'

/** What was seen of one part of a running system, when, and by which command everybody sees it. */
export type Part<Data> = Readonly<{command: string; at_ms: number}> &
	(Readonly<{data: Data}> | Readonly<{unreachable: string}>)

export type Observed = Readonly<{
	status: Part<SystemStatus>
	streams: Part<readonly StreamStatus[]>
	limits: Part<LimitsView>
	audit: Part<Report>
	server: Part<ServerFacts>
	/** By pid, of the processes of the system. */
	usage: Part<ReadonlyMap<number, Usage>>
	/** As the venue has them. */
	positions: Part<readonly ProtectedPosition[]>
	/** The machine that the command runs on, which is that of a system with a home. */
	machine: Part<ServerFacts>
}>

export const NOT_SEEN = 'not observed'

export const seenOf = <Data>(part: Part<Data> | undefined): Data | undefined =>
	part !== undefined && 'data' in part ? part.data : undefined

/** Text that others chose, as a cell. */
export const said = (text: string): string => literal(shown(text))

const timeOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

/** One line on a part: what of it was seen, when and how, or why not. */
export const factOf = (what: string, part: Part<unknown> | undefined): readonly string[] => {
	if (part === undefined) return []
	const where = `at ${timeOf(part.at_ms)} UTC (${part.command})`
	return 'unreachable' in part
		? [`Not observed: ${what} ${where}: ${said(part.unreachable)}`]
		: [`Observed: ${what} ${where}`]
}

export const columnsIf = (part: unknown, columns: readonly string[]): readonly string[] =>
	part === undefined ? [] : columns

/** Entries that a group has not handled; undefined where it cannot be told. */
export const backlogOf = (group: GroupStatus | undefined): number | undefined =>
	group === undefined || group.undelivered === null || group.pending === null
		? undefined
		: group.undelivered + group.pending

/** The same in words; `>=1000` where only so many were counted. */
export const backlogText = (group: GroupStatus | undefined): string => {
	if (group === undefined || group.presence === 'MISSING') return 'no group yet'
	const least = (group.undelivered_min ?? 0) + (group.pending ?? 0)
	return String(backlogOf(group) ?? (least > 0 ? `>=${least}` : 'unknown'))
}

export const groupOf = (
	streams: readonly StreamStatus[] | undefined,
	stream: string,
	unit: string,
): GroupStatus | undefined => streams?.find(of => of.stream === stream)?.groups.find(group => group.unit === unit)
