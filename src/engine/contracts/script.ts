import type {ScriptStore} from '../bus/store.js'
import type {KeyContract} from './key.js'

/** What a script answers: the branch it took, and values for placeholders in it. */
export type ScriptReply = Readonly<{outcome: string; fields: Readonly<Record<string, string>>}>

/**
 * An atomic decision over shared state. The Lua beside it runs on Redis, the model here runs in memory;
 * a property test makes them agree.
 */
export type ScriptContract = Readonly<{
	name: string
	summary: string
	/** Keys by the name that Lua and model use. */
	keys: Readonly<Record<string, KeyContract>>
	args: readonly string[]
	/** Outcomes with the reply fields each one fills. */
	outcomes: Readonly<Record<string, readonly string[]>>
	/** Location of the Lua file. */
	source: URL
	model: (
		store: ScriptStore,
		key: Readonly<Record<string, string>>,
		arg: Readonly<Record<string, string>>,
	) => ScriptReply
}>

export const defineScript = (spec: ScriptContract): ScriptContract => Object.freeze(spec)
