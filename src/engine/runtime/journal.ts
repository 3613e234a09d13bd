import type {Entry} from '../bus/bus.js'
import type {Fields} from '../contracts/field.js'
import type {Mode} from '../contracts/mode.js'
import type {Policy} from '../contracts/policy.js'
import type {ScriptReply} from '../contracts/script.js'
import type {EffectOutcome} from '../contracts/unit.js'
import type {Now} from './context.js'
import type {EffectRecord} from './input.js'

/** Why an entry went to the dead letters, where that does not follow from the entry alone. */
export type Death = Readonly<{reason: string; detail: string; deliveries: number}>

/** An input as it came, before anything was read into it. */
export type JournalInput =
	| (Readonly<{kind: 'entry'; port: string; death?: Death}> & Entry)
	| Readonly<{kind: 'feed'; port: string; event: unknown; identity: string}>
	| Readonly<{kind: 'timer'; port: string; partition: string; identity: string}>
	| Readonly<{kind: 'result'; record: EffectRecord; outcome: EffectOutcome<unknown>}>

/**
 * What a host writes down so that the same inputs can be run again. `commits` is the number of steps that the unit had
 * committed: a step whose number is written again, or is not below that of a later start, never happened.
 */
export type JournalLine =
	/**
	 * A process took the unit over, with this state, these unfinished effects and this answer of the step before.
	 * Repeated from time to time, so that a journal whose oldest part is gone can still be replayed, and whenever the
	 * policy changes: it holds for the steps from this one on.
	 */
	| Readonly<{
			kind: 'start'
			unit: string
			commits: number
			states: Fields
			effects: Fields
			answer?: string
			policy: Policy
			mode: Mode
	  }>
	/** Written before a step is committed. */
	| Readonly<{kind: 'step'; unit: string; commits: number; now: Now; inputs: readonly JournalInput[]}>
	/** What a script answered to the step of this number. */
	| Readonly<{kind: 'reply'; unit: string; commits: number; reply: ScriptReply}>
	/** Lines that could not be written. */
	| Readonly<{kind: 'gap'; lines: number; reason: string}>

/** Takes a line; may ask for patience, within a bound of its own, until the line is safe from the end of the process. */
export type Journal = (line: JournalLine) => void | Promise<void>
