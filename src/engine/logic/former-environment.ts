import type {Policy} from '../contracts/policy.js'
import {checkPolicy, type PolicyProblem, type PolicyValues, valueAt, withValue} from './policy-check.js'
import {diffPolicies, type PolicyChange} from './policy-versions.js'

/** A former name and what it means now: a field of the policy, or why it has none. */
type Former =
	| Readonly<{path: readonly [string] | readonly [string, string]; read: (text: string) => unknown}>
	| Readonly<{instead: string}>

const number = (text: string): unknown => (text.trim() === '' ? text : Number(text))
const scaled =
	(factor: number) =>
	(text: string): unknown =>
		Number((Number(text) * factor).toPrecision(12))
/** `1.5%` and `1.5` are both one and a half percent. */
const percent = (text: string): unknown => scaled(0.01)(text.trim().replace(/^-/, '').replace(/\s*%$/, ''))
const symbols = (text: string): unknown =>
	text
		.replaceAll('"', '')
		.split(',')
		.map(symbol => symbol.trim())
		.filter(symbol => symbol !== '')

const field = (name: string, read: (text: string) => unknown = number): Former => ({path: [name], read})
const inner = (section: string, name: string, read: (text: string) => unknown = number): Former => ({
	path: [section, name],
	read,
})
const NO_FIELD = 'the policy has no such field'
/** What is neither yes nor no stays as it is, and is told as no value of the field. */
const top10 = (text: string): unknown =>
	/^(true|1|yes)$/i.test(text.trim()) ? 'TOP10' : /^(false|0|no)$/i.test(text.trim()) ? 'ALLOWLIST' : text

/** As the architecture truth map and the wiring map name them. */
export const FORMER_NAMES: Readonly<Record<string, Former>> = {
	GOV_MAX_OPEN_POSITIONS: field('positions_max'),
	MAX_OPEN_POSITIONS: field('positions_max'),
	GOV_MAX_NOTIONAL_PER_TRADE_USDT: field('notional_per_trade_usdt'),
	GOV_MAX_TOTAL_NOTIONAL_USDT: field('notional_total_usdt'),
	GOV_MAX_EXEC_PER_HOUR: field('entries_per_hour_max'),
	GOV_MAX_EXEC_PER_5MIN: field('entries_per_5m_max'),
	GOV_SYMBOL_COOLDOWN_SECONDS: field('cooldown_ms', scaled(1_000)),
	GOV_KILL_SCORE_CRITICAL: field('kill_score_open_max'),
	GOV_KILL_SCORE_OPEN_THRESHOLD: field('kill_score_open_max'),
	INTENT_BRIDGE_ALLOWLIST: field('allowlist', symbols),
	APPLY_ALLOWLIST: field('allowlist', symbols),
	TRADING_SYMBOLS: field('allowlist', symbols),
	TRAILING_STOP_PCT: inner('exit_monitor', 'trailing', percent),
	APPLY_DRY_RUN: {instead: 'qt governor disable, and enable'},
	APPLY_TESTNET: {instead: 'qt up --mode'},
	APPLY_KILL_SWITCH: {instead: 'qt kill'},
	APPLY_HEAT_OBSERVER_ENABLED: {instead: NO_FIELD},
	APPLY_LOG_LEVEL: {instead: NO_FIELD},
	GOV_KILL_SCORE_CLOSE_THRESHOLD: inner('exit_brain', 'kill_score_close'),
	INTENT_BRIDGE_USE_TOP10: inner('universe', 'mode', top10),
	INTENT_BRIDGE_SKIP_FLAT_SELL: {instead: 'short_allowed says whether an OPEN SELL is a short'},
	MAX_EXPOSURE_PCT: inner('portfolio', 'exposure_share_max', percent),
	HARVEST_MIN_R: inner('harvest', 'first_r'),
	HARVEST_MAX_ACTIONS_PER_MIN: inner('harvest', 'actions_per_minute_max'),
	HARVEST_SCAN_INTERVAL_SEC: inner('harvest', 'every_ms', scaled(1_000)),
	HARVEST_DEDUP_TTL_SEC: {instead: 'a harvest is remembered for 15 minutes'},
	MAX_UNREALIZED_LOSS_PCT_PER_POSITION: inner('exit_brain', 'loss_emergency', percent),
	EXIT_BRAIN_CHECK_INTERVAL_SEC: inner('exit_brain', 'every_ms', scaled(1_000)),
	MAX_MARGIN_LOSS_PER_TRADE_PCT: inner('exit_brain', 'loss_max', percent),
	MIN_PRICE_STOP_DISTANCE_PCT: inner('exit_brain', 'stop_min', percent),
	MAX_LOSS_PCT_HARD_SL: inner('exit_brain', 'stop_max', percent),
	RATCHET_SL_ENABLED: {instead: 'the stop always follows the targets that were taken'},
}

/** Names that look like the former system's; everything else in an environment is not ours to list. */
const OURS = /^(GOV|APPLY|INTENT_BRIDGE|HARVEST|EXIT_BRAIN)_/

export type FormerReading = Readonly<{
	policy: Policy
	/** Names that were read, in the order of the table. */
	taken: readonly string[]
	/** Names that were found and mean nothing here, with what to use instead where there is something. */
	left: ReadonlyArray<Readonly<{name: string; why: string}>>
	/** Fields that would have loosened, where only tightening is allowed: they stay. */
	kept: readonly PolicyChange[]
	problems: readonly PolicyProblem[]
}>

/** Where several former names meant one field, a plan had to pass all of them: the tighter one counts. */
const tighter = (before: unknown, after: unknown): unknown => {
	if (Array.isArray(before) && Array.isArray(after)) return before.filter(symbol => after.includes(symbol))
	return typeof before === 'number' && typeof after === 'number' ? Math.min(before, after) : after
}

/**
 * Reads the environment of the former system over the policy in force. With `tighten_only`, fields that would loosen,
 * or of which that cannot be told, stay as they are. `whole`: every name is ours, as in a file of the former system.
 */
export const readFormer = (
	env: Readonly<Record<string, string | undefined>>,
	inForce: Policy,
	{tighten_only, whole}: Readonly<{tighten_only: boolean; whole: boolean}>,
): FormerReading => {
	const given = new Map<string, {path: readonly string[]; names: string[]; value: unknown}>()
	const left: Array<{name: string; why: string}> = []
	for (const [name, text] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
		const former = Object.hasOwn(FORMER_NAMES, name) ? FORMER_NAMES[name] : undefined
		if (text === undefined || (!former && !whole && !OURS.test(name))) continue
		if (!former || 'instead' in former) {
			left.push({name, why: former?.instead ?? 'unknown name'})
			continue
		}
		const key = former.path.join('.')
		const known = given.get(key)
		const value = former.read(text)
		given.set(key, {
			path: former.path,
			names: [...(known?.names ?? []), name],
			value: known ? tighter(known.value, value) : value,
		})
	}
	let wanted: PolicyValues = {...inForce}
	for (const {path, value} of given.values()) wanted = withValue(wanted, path, value)
	const taken = [...given.values()].flatMap(({names}) => names)
	const checked = checkPolicy(wanted)
	if (!checked.ok) return {policy: inForce, taken, left, kept: [], problems: namedProblems(checked.problems, given)}
	const kept = tighten_only
		? diffPolicies(inForce, checked.policy).filter(({direction}) => direction !== 'tightened')
		: []
	for (const {path} of kept) wanted = withValue(wanted, path.split('.'), valueAt(inForce, path.split('.')))
	const again = checkPolicy(wanted)
	const problems = again.ok ? [] : again.problems
	return {policy: again.ok ? again.policy : inForce, taken, left, kept, problems}
}

/** A problem of a field that came from the environment names the variables. */
const namedProblems = (
	problems: readonly PolicyProblem[],
	given: ReadonlyMap<string, {names: readonly string[]}>,
): readonly PolicyProblem[] =>
	problems.map(problem => {
		const names = given.get(problem.path)?.names ?? []
		return names.length === 0 ? problem : {...problem, path: `${problem.path} (${names.join(', ')})`}
	})
