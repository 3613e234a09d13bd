import {declaredStreams} from '../audit/declared.js'
import type {KeyContract} from '../engine/contracts/key.js'
import {keys} from '../engine/contracts/keys.js'
import {defaultPolicy, policyFields} from '../engine/contracts/policy.js'
import {exitRanks} from '../engine/logic/exit-rank.js'
import {code} from '../engine/logic/markdown.js'
import {valueAt} from '../engine/logic/policy-check.js'
import {streamNames, unitByName} from '../engine/registry.js'
import {keptFor} from './declared.js'
import {codes, type Section, type TruthDocument} from './document.js'
import {findingsSection} from './findings.js'
import {columnsIf, factOf, NOT_SEEN, type Observed, seenOf} from './observed.js'
import {stations} from './stations.js'
import {unknownEnds} from './wiring-ends.js'
import {pathSections} from './wiring-paths.js'

const defaultAt = (path: string): string => {
	const value = valueAt(defaultPolicy, path.split('.'))
	return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const decisions: () => Section = () => ({
	id: 'decisions',
	heading: 'Who decides what',
	level: 2,
	text: 'The stations of a plan, in order. What each code means stands in [gates and reason codes](../gates.md).',
	table: {
		columns: ['Layer', 'Unit', 'Decides', 'Recorded in', 'Refuses with'],
		rows: stations.map(({layer, unit, what, recorded, refusals}) => [
			...[layer, code(unit), what, code(recorded.name)],
			codes([...new Set(refusals.map(of => of.code))]),
		]),
	},
})

/** Each limit of the policy where it is enforced. */
const limits = (observed?: Observed): Section => {
	const seen = seenOf(observed?.limits)?.limits
	const now = (path: string): readonly string[] => {
		const row = seen?.find(({name}) => name === path)
		return seen ? [row?.used ?? '-', row?.limit ?? 'as declared'] : [NOT_SEEN, NOT_SEEN]
	}
	return {
		id: 'limits',
		heading: 'Limits, and where each is enforced',
		level: 2,
		observed: factOf('what is used of each limit', observed?.limits),
		table: {
			columns: [
				...['Layer', 'Unit', 'Code', 'What is limited', 'Limit', 'Default', 'Applies to', 'Consistency', 'Race left'],
				...columnsIf(observed, ['Used', 'Limit now']),
			],
			rows: stations.flatMap(({layer, unit, consistency, race, refusals}) =>
				refusals.flatMap(({code: name, meaning, of, policy}, index) => {
					const again = refusals.findIndex(one => one.code === name && one.policy === policy) < index
					if (policy === undefined || again) return []
					return [
						[
							...[layer, code(unit), code(name), meaning, code(policy), code(defaultAt(policy))],
							...[of === undefined ? 'ENTRY' : of, consistency, race],
							...columnsIf(observed, now(policy)),
						],
					]
				}),
			),
		},
	}
}

const parameters: () => Section = () => ({
	id: 'parameters',
	heading: 'Decision parameters',
	level: 2,
	text: 'All that operators decide, exits, stops, leverage and sizing included. `qt policy show` has the values in force.',
	table: {
		columns: ['Field', 'Default', 'Counts', 'Looser', 'What it means'],
		rows: policyFields.map(({path, unit, looser, description}) => [
			...[code(path.join('.')), code(defaultAt(path.join('.'))), unit, looser, description],
		]),
	},
})

const controllers: () => Section = () => ({
	id: 'exit-controllers',
	heading: 'Who may close a position',
	level: 2,
	text: 'One lock per symbol with a fencing token. The higher rank takes over what has not been sent yet; strategies that close by an intent rank below all of these.',
	table: {
		columns: ['Rank', 'Who', 'Asks through', 'What it is'],
		rows: Object.entries(exitRanks)
			.sort(([, left], [, right]) => right - left)
			.map(([name, rank]) => {
				const unit = unitByName.get(name)
				return [
					...[String(rank), code(name), unit ? codes(streamNames(unit.writes)) : 'the command lane'],
					unit?.summary ?? 'A person, by command.',
				]
			}),
	},
})

/** What each key keeps from happening twice, and the code that a second one gets. */
const ONCE: readonly (readonly [KeyContract, string, string])[] = [
	[keys.dedupIntent, 'an intent becomes a plan', 'DUPLICATE_INTENT'],
	[keys.permit, 'an allowed plan is sent', 'PERMIT_SERVED'],
	[keys.dedupApply, 'an order is sent: found after a crash, it is queried and never sent again', ''],
	[keys.dedupHarvest, 'a harvest is asked for', ''],
	[keys.cooldown, 'an entry of a symbol follows another', 'COOLDOWN'],
	[keys.execHistory, 'too many entries of a symbol follow each other', 'RATE_HOUR'],
	[keys.exitLock, 'a position is closed by two', 'EXIT_LOCKED'],
	[keys.seenOrders, 'a fill is booked', ''],
	[keys.deadReplayed, 'a dead letter is put back', ''],
	[keys.unitLease, 'a step is committed', ''],
]

const duplicates: () => Section = () => ({
	id: 'anti-duplicate',
	heading: 'Anti-duplicate gates',
	level: 2,
	table: {
		columns: ['Key', 'Written by', 'Kept', 'Keeps from happening twice', 'Code'],
		rows: ONCE.map(([key, what, name]) => {
			const {pattern, owner, ttl_ms} = key
			return [code(pattern), code(owner), keptFor(ttl_ms), what, name === '' ? '-' : code(name)]
		}),
	},
})

const interactions: () => Section = () => ({
	id: 'streams',
	heading: 'Every stream, by its ends',
	level: 2,
	table: {
		columns: ['Stream', 'Writers', 'Readers', 'To come'],
		rows: declaredStreams.map(({contract: {name, pending = {}}, writers, readers}) => [
			...[code(name), codes(writers), codes(readers)],
			Object.entries(pending)
				.map(([end, unit]) => `${end}: ${unit}`)
				.join(', ') || '-',
		]),
	},
})

/** Who writes to whom, what each refuses, and where each limit is enforced; with what is seen of it. */
export const wiringDocument = (observed?: Observed): TruthDocument => ({
	name: 'wiring',
	title: 'Wiring map',
	intro:
		'The flow of entries from every source to every effect, walked by who writes and who reads. `qt registry wiring` shows the same with what is observed of a running system.',
	sections: [
		...pathSections(observed),
		decisions(),
		limits(observed),
		parameters(),
		controllers(),
		duplicates(),
		interactions(),
		unknownEnds(observed),
		findingsSection('wiring'),
	],
})
