import type {KeyContract} from '../engine/contracts/key.js'
import {DEFAULT_PREFIX} from '../engine/contracts/naming.js'
import {code} from '../engine/logic/markdown.js'
import {keyList} from '../engine/registry.js'
import {auditFacts, MAP_RULES} from './audited.js'
import {keptFor, NOT_DECLARED, readersOfKey} from './declared.js'
import {codes, type Section} from './document.js'
import {columnsIf, NOT_SEEN, type Observed, seenOf} from './observed.js'

/** The groups in which the reference shows its keys, by the beginning of the pattern; the first that fits. */
const GROUPS: readonly (readonly [string, string, RegExp])[] = [
	['position-keys', 'Position state keys', /^(position|ledger|pnl)\b/],
	[
		'governor-keys',
		'Governor, permits and switches',
		/^(kill|arm|gateway|mode|governor|permit|available|total|cooldown|lock)\b|^available_|^total_/,
	],
	['dedup-keys', 'Deduplication keys', /^(dedup|dead)\b/],
	['exposure-keys', 'Exposure, budgets and portfolio keys', /^(portfolio|margin|heat|budget|exit)\b/],
	['policy-keys', 'Policy, guards and universe keys', /^(policy|config|universe|ess|bsc)\b/],
	['market-keys', 'Market and venue keys', /^(market|clock|cross|reconcile)\b/],
	['runtime-keys', 'Keys of the runtime', /./],
]

const writersOfKey = ({owner, operator_writes}: KeyContract): string =>
	codes([owner, ...(operator_writes ? ['operator'] : [])])

const groupOfKey = ({pattern}: KeyContract): string => GROUPS.find(([, , holds]) => holds.test(pattern))?.[0] ?? ''

/** Every key by its pattern, in the groups of the reference; with how many of each are found. */
export const keySections = (observed?: Observed): readonly Section[] => {
	const audit = seenOf(observed?.audit)
	const looked = audit && !audit.not_looked_at.some(({part}) => part === 'redis')
	const found = (pattern: string): string => {
		if (!looked) return NOT_SEEN
		const rows = audit.inventory.keys.filter(row => row.pattern === pattern)
		return rows.map(({type, count}) => `${count} ${type}`).join(', ') || '0'
	}
	return [
		{
			id: 'keys',
			heading: 'State keys',
			level: 2,
			text: `Under the prefix ${code(DEFAULT_PREFIX)}. One owner writes each, within the step that acknowledges its cause; everybody may read. Readers are those that declare it.`,
			observed: auditFacts('keys by pattern and type', observed, MAP_RULES),
		},
		...GROUPS.map(
			([id, heading]): Section => ({
				id,
				heading,
				level: 3,
				table: {
					columns: [
						'Key',
						'Type',
						'Written by',
						'Kept',
						'What for',
						'Read by',
						'Formerly',
						...columnsIf(observed, ['Found']),
					],
					rows: keyList
						.filter(key => groupOfKey(key) === id)
						.map(key => [
							...[code(key.pattern), key.type, writersOfKey(key), keptFor(key.ttl_ms), key.summary],
							...[readersOfKey(key).map(code).join(', ') || NOT_DECLARED, codes(key.former_names)],
							...columnsIf(observed, [found(key.pattern)]),
						]),
				},
			}),
		),
	]
}
