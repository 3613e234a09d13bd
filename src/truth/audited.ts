import type {Rule} from '../audit/rule.js'
import {brokenEntry} from '../audit/rules/broken-entry.js'
import {deadConsumers} from '../audit/rules/dead-consumers.js'
import {groupWithoutConsumer} from '../audit/rules/group-without-consumer.js'
import {keyTtl} from '../audit/rules/key-ttl.js'
import {keyType} from '../audit/rules/key-type.js'
import {lostEntries} from '../audit/rules/lost-entries.js'
import {pidConsumer} from '../audit/rules/pid-consumer.js'
import {readerBehind} from '../audit/rules/reader-behind.js'
import {retiredKey} from '../audit/rules/retired-key.js'
import {retiredStream} from '../audit/rules/retired-stream.js'
import {stuckPending} from '../audit/rules/stuck-pending.js'
import {unknownGroup} from '../audit/rules/unknown-group.js'
import {unknownKey} from '../audit/rules/unknown-key.js'
import {unknownLag} from '../audit/rules/unknown-lag.js'
import {unknownStream} from '../audit/rules/unknown-stream.js'
import {unreadStream} from '../audit/rules/unread-stream.js'
import {unwrittenStream} from '../audit/rules/unwritten-stream.js'
import {rules} from '../audit/rules.js'
import {code, literal} from '../engine/logic/markdown.js'
import {factOf, type Observed, said, seenOf} from './observed.js'

type Row = readonly string[]

/** What Redis holds that is not as declared. */
export const MAP_RULES: readonly Rule[] = [unknownStream, retiredStream, unknownKey, retiredKey, keyType, keyTtl]

/** What is wrong with the way of entries. */
export const WIRING_RULES: readonly Rule[] = [
	...[unreadStream, unwrittenStream, brokenEntry, unknownGroup, groupWithoutConsumer, deadConsumers],
	...[pidConsumer, lostEntries, unknownLag, stuckPending, readerBehind],
]

/** Everything that the documents ask of the audit: not the venue, which `qt registry audit` itself asks. */
export const auditedRules: readonly Rule[] = rules.filter(({needs}) => !needs.includes('venue'))

/** The rest: processes, ports, files, builds. */
export const MATRIX_RULES: readonly Rule[] = auditedRules.filter(
	rule => !MAP_RULES.includes(rule) && !WIRING_RULES.includes(rule),
)

/** Findings of one rule after which only their number is told. */
const SHOWN_MAX = 20

export const FINDING_COLUMNS = ['Where', 'What', 'Command'] as const

/** What the audit finds by some rules, as rows of `FINDING_COLUMNS`. */
export const foundRows = (observed: Observed | undefined, of: readonly Rule[]): readonly Row[] => {
	const findings = seenOf(observed?.audit)?.findings ?? []
	return of.flatMap(({name}) => {
		const found = findings.filter(({rule}) => rule === name)
		const more = found.length - SHOWN_MAX
		return [
			...found
				.slice(0, SHOWN_MAX)
				.map(({subject, declared, observed: seen, proof}) => [
					...[literal(subject), `${name}: ${literal(seen)}; declared: ${literal(declared)}`, code(proof)],
				]),
			...(more > 0 ? [[`${more} more`, name, code(`qt registry audit --only ${name}`)]] : []),
		]
	})
}

/** What of it was looked at, and what was not. */
export const auditFacts = (what: string, observed: Observed | undefined, of: readonly Rule[]): readonly string[] => {
	const names = of.map(({name}) => name)
	const unseen = (seenOf(observed?.audit)?.not_looked_at ?? []).flatMap(({part, why, rules: without}) => {
		const lost = without.filter(name => names.includes(name))
		return lost.length > 0 ? [`Not observed: ${part}: ${said(why)} (not judged: ${lost.join(', ')})`] : []
	})
	return [...factOf(what, observed?.audit), ...unseen]
}
