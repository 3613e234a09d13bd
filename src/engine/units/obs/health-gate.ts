import {keys} from '../../contracts/keys.js'
import {events} from '../../contracts/streams/ops.js'
import {defineFeed, defineUnit} from '../../contracts/unit.js'

/** What the daemon says of a stage whenever it changes. */
export type StageEvent = Readonly<{
	name: string
	open: boolean
	/** Machine time of the change, ms. */
	since_ms: number
	/** What keeps it shut; empty when open. */
	blocked_by: string
}>

type StageState = Readonly<{open: boolean; since_ms: number; blocked_by: string}>

/** The daemon decides; this unit records, so that everybody on the streams sees the same stages. */
export const healthGate = defineUnit({
	name: 'health-gate',
	target: 'obs',
	kind: 'watch',
	summary: 'Records the opening of each stage, which the daemon grants when the stages it requires are healthy.',
	reads: {},
	writes: {event: events},
	keys: {stage: keys.stage},
	feeds: {stages: defineFeed<StageEvent>('Each change of a stage, as the daemon grants it.')},
	initial: (): StageState => ({open: false, since_ms: 0, blocked_by: ''}),
	partition: event => (event as StageEvent).name,
	on: {},
	onFeed: {
		stages: (before, {name, open, since_ms: told_ms, blocked_by}, {emit, key}) => {
			// A restarted daemon tells everything anew: what has not changed keeps its time.
			const first = before.since_ms === 0
			const turned = first || before.open !== open
			const since_ms = turned ? told_ms : before.since_ms
			const state = {open, since_ms, blocked_by}
			if (!turned && before.blocked_by === blocked_by) return {}
			const event = open ? 'STAGE_OPEN' : first ? 'STAGE_WAITING' : turned ? 'STAGE_SHUT' : 'STAGE_BLOCKED'
			return {
				state,
				wishes: [
					key.stage.put({name}, {open, since_ms, blocked_by}, {replace: true}),
					emit.event({event, subject: name, detail: blocked_by}),
				],
			}
		},
	},
})
