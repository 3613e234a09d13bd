import {setTimeout as pause} from 'node:timers/promises'
import type {OwnSystem} from '../bench/own-system.js'
import {readArming} from '../daemon/client/arming-record.js'
import {ControlClient} from '../daemon/client/control-client.js'
import {readLatch} from '../daemon/client/latch.js'
import {withState} from '../daemon/client/state.js'
import {keys} from '../engine/contracts/keys.js'
import {messageOf} from '../engine/errors.js'

/** Machine time. */
export type Span = Readonly<{from_ms: number; to_ms: number}>

const LOOK_EVERY_MS = 1_000
const KILLS_MAX = 3
/** Of a reason that is counted. */
const WORDS_MAX = 100

/** Somebody who stops and starts trading by `qt`, and keeps the system running meanwhile. One command at a time. */
export class Operator {
	/** From a confirmed kill until somebody set out to arm again: nothing may create an order in between. */
	readonly halts: Span[] = []
	/** While `qt kill` ran, whether it was confirmed or not: it completes missing stops by itself. */
	readonly kills: Span[] = []
	/** What had to be done beside the faults, with how often. */
	readonly done = new Map<string, number>()
	#halted_ms: number | undefined
	/** Faults that want trading to be stopped or paused at this time. */
	#killing = 0
	#pausing = 0
	#turn: Promise<unknown> = Promise.resolve()

	constructor(private readonly system: OwnSystem) {}

	/** `qt kill`; arming again is left to `tend` once the time is over. @throws Error when it is not confirmed */
	async kill(ms: number): Promise<string> {
		this.#killing += 1
		try {
			await this.halt()
			await pause(ms)
			return `confirmed, held for ${ms} ms`
		} finally {
			this.#killing -= 1
		}
	}

	/** `qt kill`, repeated while it is not confirmed, as it says itself. @throws Error when it never is */
	async halt(): Promise<void> {
		for (let attempt = 1; this.#halted_ms === undefined; attempt += 1)
			try {
				await this.#inTurn(() => this.#kill())
				this.#halted_ms ??= Date.now()
			} catch (error) {
				this.#count('qt kill, not confirmed')
				if (attempt === KILLS_MAX) throw error
			}
	}

	async pause(ms: number): Promise<string> {
		this.#pausing += 1
		try {
			await this.#inTurn(() => this.system.qt('pause'))
			await pause(ms)
			return `for ${ms} ms`
		} finally {
			this.#pausing -= 1
		}
	}

	/** Puts right what an operator would, until the signal aborts: a daemon that has gone, what is FAILED, what is stopped. */
	async keep(signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			await this.#tend().catch((error: unknown) => this.#count(`not yet: ${this.#wordsOf(error)}`))
			await pause(LOOK_EVERY_MS, undefined, {signal}).catch(() => undefined)
		}
	}

	/** Stops trading for good; what was halted stays so. @throws Error when it is not confirmed */
	async end(): Promise<void> {
		this.#killing += 1
		await this.halt()
		if (this.#halted_ms !== undefined) this.halts.push({from_ms: this.#halted_ms, to_ms: Number.POSITIVE_INFINITY})
	}

	async #kill(): Promise<void> {
		const from_ms = Date.now()
		await this.system.qt('kill', '--reason', 'chaos').finally(() => this.kills.push({from_ms, to_ms: Date.now()}))
	}

	async #tend(): Promise<void> {
		const {home} = this.system
		const control = new ControlClient(home)
		const status = await control.status()
		if (!status) {
			this.#count('qt up')
			await this.system.qt('up')
			return
		}
		for (const {name, state} of status.processes)
			if (state === 'FAILED') {
				this.#count(`qt reset ${name}`)
				await control.reset(name)
			}
		const {arming, execution} = await withState(home, async state => ({
			arming: readArming(home, await readLatch(state)),
			execution: await state.bus.get(state.naming.key(keys.execution, {})),
		}))
		if (execution === 'DISABLED') await this.#asked('governor', 'enable')
		if (execution === 'REDUCE_ONLY' && this.#pausing === 0) await this.#asked('resume')
		if (!arming.armed && this.#killing === 0) await this.#asked('go')
	}

	#asked(...command: string[]): Promise<void> {
		return this.#inTurn(async () => {
			if (command[0] === 'go') {
				if (this.#killing > 0) return
				if (this.#halted_ms !== undefined) this.halts.push({from_ms: this.#halted_ms, to_ms: Date.now()})
				this.#halted_ms = undefined
			}
			this.#count(`qt ${command.join(' ')}`)
			await this.system.qt(...command)
		})
	}

	#inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
		const next = this.#turn.then(act)
		this.#turn = next.catch(() => undefined)
		return next
	}

	#wordsOf(error: unknown): string {
		const words = messageOf(error)
		return words.replaceAll(this.system.home.root, 'its home').slice(0, WORDS_MAX)
	}

	#count(what: string): void {
		this.done.set(what, (this.done.get(what) ?? 0) + 1)
	}
}
