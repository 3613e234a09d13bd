import {keys} from '../../engine/contracts/keys.js'
import {MODES} from '../../engine/contracts/mode.js'
import type {Plan} from '../../engine/contracts/streams/trade.js'
import {standing, watched} from '../../engine/scripts/gates/standing.js'
import {type GateRow, previewPlan} from './gate-preview.js'
import {type Home, storedSystem} from './home.js'
import type {State} from './state.js'
import type {Now} from './why-data.js'
import {type Behind, waitsOf} from './why-system.js'
import {checkOf, type WhyCheck} from './why-verdict.js'

const SYSTEM_CODES: ReadonlySet<string> = new Set(
	[...standing, ...watched].map(({code}) => code).filter(code => code !== 'SIDE_MISSING'),
)

type Gates = Readonly<{
	rows: readonly GateRow[]
	behind: Behind
	waits: Readonly<Record<string, number>>
}>

/** Gates as checks, with who is behind a refusal and how long it lasts. */
export const gateChecks = ({rows, behind, waits}: Gates): readonly WhyCheck[] =>
	rows.map(row =>
		checkOf({
			...row,
			step: SYSTEM_CODES.has(row.code) ? 'system' : 'governor',
			used: !row.passed && behind[row.code] ? (behind[row.code] ?? '') : row.used,
			wait_ms: row.passed ? null : (waits[row.code] ?? null),
		}),
	)

/** Every gate of the governor about a plan, as things stand. */
export const readGates = async (
	home: Home,
	state: State,
	plan: Plan,
	now: Now,
	behind: Behind,
): Promise<readonly WhyCheck[]> => {
	const {bus, naming} = state
	const {symbol} = plan
	const now_ms = Math.round(now.venue_ms ?? now.machine_ms)
	const mode = MODES.find(name => name === storedSystem(home).mode) ?? 'PAPER'
	const [preview, cooldown, history] = await Promise.all([
		previewPlan(state, plan, {...now, now_ms, mode}),
		bus.get(naming.key(keys.cooldown, {symbol})),
		bus.redis.zrange(naming.key(keys.execHistory, {symbol}), '0', '-1', 'WITHSCORES'),
	])
	const entries = history.flatMap((text, index) => (index % 2 === 1 ? [Number(text)] : []))
	const waits = waitsOf({policy: now.policy, now_ms, cooldown_ms: Number(cooldown ?? 0), entries})
	return gateChecks({rows: preview.gates, behind, waits})
}
