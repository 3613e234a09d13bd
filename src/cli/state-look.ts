import type {Home} from '../daemon/client/home.js'
import {openState, type State, withDeadline} from '../daemon/client/state.js'
import {messageOf} from '../engine/errors.js'
import {type Live, watchLive} from './live.js'

type Open = State & {close(): Promise<void>}

/** What was read last, and why it is not newer; empty where it is of now. */
export type Look<Reading> = Readonly<{reading: Reading; problem: string}>

/** Looks on while Redis is away, and says so: what was seen before stays on the screen. */
export class StateLook<Reading> {
	#state: Open | undefined
	#last: Reading | undefined

	constructor(
		private readonly home: Home,
		private readonly read: (state: State) => Promise<Reading>,
		private readonly within_ms: number,
	) {}

	/** @throws the first time, when Redis cannot be asked */
	async look(): Promise<Look<Reading>> {
		try {
			this.#state ??= await openState(this.home)
			this.#last = await withDeadline(this.read(this.#state), this.within_ms, 'the reading')
			return {reading: this.#last, problem: ''}
		} catch (error) {
			await this.close()
			if (this.#last === undefined) throw error
			return {reading: this.#last, problem: messageOf(error)}
		}
	}

	async close(): Promise<void> {
		await this.#state?.close()
		this.#state = undefined
	}
}

/** Shows what is read of shared state, live until Ctrl-C. @throws OperatorError (unreachable) when Redis does not answer at first */
export const watchState = <Reading>(look: StateLook<Reading>, live: Omit<Live<Look<Reading>>, 'read'>): Promise<void> =>
	watchLive({...live, read: () => look.look()}, () => look.close())
