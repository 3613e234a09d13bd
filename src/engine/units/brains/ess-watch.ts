import {keys} from '../../contracts/keys.js'
import {alerts} from '../../contracts/streams/ops.js'
import {defineFeed, defineUnit} from '../../contracts/unit.js'
import {WATCH_SILENCE_MS} from '../../logic/watch-silence.js'

/** What the key of the ESS says; 0 where nobody has written it. */
export type EssWord = Readonly<{state: string; machine_ms: number}>

/** Of the one ESS. Machine time, ms. */
type State = Readonly<{silent: boolean; since_ms: number}>

const initial: State = {silent: false, since_ms: 0}
const WHOLE = ''

/**
 * The governor asks for itself whether the ESS is silent. This unit says so aloud, and is asked for as well: with it the
 * governor knows of two processes that somebody watches, and entries stop when either is gone.
 */
export const essWatch = defineUnit({
	name: 'ess-watch',
	target: 'brains',
	process: 'ess-watch',
	kind: 'timer',
	summary: 'Watches from a process of its own that the ESS still speaks; a silent one counts as tripped.',
	reads: {},
	writes: {alert: alerts},
	keys: {watch: keys.essWatch},
	looks: [keys.essState],
	feeds: {word: defineFeed<EssWord>('What the ESS last said, once a second.', {conflate: true})},
	initial: () => initial,
	partition: () => WHOLE,
	on: {},
	onFeed: {
		word: (before, {state, machine_ms: said_ms}, {emit, key, machine_ms}) => {
			// Until it has spoken once it is silent since we look.
			const began_ms = before.since_ms === 0 ? machine_ms : before.since_ms
			const silent_ms = machine_ms - (said_ms > 0 ? said_ms : began_ms)
			const silent = silent_ms > WATCH_SILENCE_MS.ess
			const next: State = {silent, since_ms: began_ms}
			const put = key.watch.put(
				{},
				{state: silent ? 'SILENT' : 'HEARD', ess: state, silent_ms: Math.max(0, silent_ms), machine_ms},
				{replace: true},
			)
			if (silent === before.silent) return {state: next, wishes: [put]}
			const message = silent
				? `the ESS has been silent for ${Math.round(silent_ms / 1_000)} s: it counts as tripped and nothing opens; see qt status: risk-safety must run`
				: `the ESS speaks again: ${state}`
			const severity = silent ? ('critical' as const) : ('info' as const)
			const code = silent ? 'ESS_SILENT' : 'ESS_HEARD'
			return {state: next, wishes: [put, emit.alert({severity, code, subject: 'ess', message})]}
		},
	},
})
