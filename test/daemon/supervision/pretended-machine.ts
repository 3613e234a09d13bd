import type {Clock} from '../../../src/daemon/supervision/clock.js'
import type {ProcessIdentity} from '../../../src/daemon/supervision/process-identity.js'
import type {ProbeContext, ProbeResult} from '../../../src/daemon/supervision/process-spec.js'
import type {ProcessExit, SpawnedProcess, Spawner, SpawnRequest} from '../../../src/daemon/supervision/spawner.js'

interface Pretended {
	name: string
	identity: ProcessIdentity
	/** Fake time from which it is ready. */
	ready_at: number
	end: (exit: ProcessExit) => void
}

/** How the processes of one name behave. Times in ms. */
export interface Behaviour {
	ready_after_ms: number
	/** From SIGTERM to its exit; null: it ignores SIGTERM. */
	stops_after_ms: number | null
}

/** A machine of our own: its time moves when told, its processes do as told. The name of a process is its command. */
export class PretendedMachine implements Clock, Spawner {
	now = 0
	readonly living: Pretended[] = []
	/** Called before a process is added, and before a signal takes effect. */
	onSpawn = (_name: string) => {}
	onSignal = (_name: string, _signal: NodeJS.Signals) => {}
	readonly #timers = new Map<number, {at: number; action: () => void}>()
	#next = 1
	readonly #behaviours: Record<string, Behaviour>

	constructor(behaviours: Record<string, Behaviour>) {
		this.#behaviours = behaviours
	}

	monotonicMs = () => this.now
	wallMs = () => this.now

	after(ms: number, action: () => void): () => void {
		const id = this.#next++
		this.#timers.set(id, {at: this.now + Math.max(0, ms), action})
		return () => this.#timers.delete(id)
	}

	/** Lets all that is already due, and what follows from it without time passing, happen. */
	async settle(): Promise<void> {
		for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
	}

	async advance(ms: number): Promise<void> {
		const until = this.now + ms
		for (let steps = 0; steps < 100_000; steps += 1) {
			await this.settle()
			const [due] = [...this.#timers].sort(([, left], [, right]) => left.at - right.at)
			if (!due || due[1].at > until) break
			this.#timers.delete(due[0])
			this.now = Math.max(this.now, due[1].at)
			due[1].action()
		}
		this.now = until
		await this.settle()
	}

	async spawn({command}: SpawnRequest): Promise<SpawnedProcess> {
		this.onSpawn(command)
		const identity = {pid: this.#next++, start_time: String(this.now), boot_id: 'pretended'}
		const behaviour = this.#behaviours[command]
		if (!behaviour) throw new Error(`ENOENT ${command}`)
		const exited = new Promise<ProcessExit>(resolve => {
			const made = {name: command, identity, ready_at: this.now + behaviour.ready_after_ms, end: resolve}
			this.living.push(made)
		})
		return {identity, exited, log_error: null}
	}

	isAlive = (identity: ProcessIdentity) => this.living.some(one => one.identity.pid === identity.pid)
	isGroupEmpty = (identity: ProcessIdentity) => !this.isAlive(identity)

	signalGroup(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
		const found = this.living.find(one => one.identity.pid === identity.pid)
		if (!found) return false
		this.onSignal(found.name, signal)
		const delay = this.#behaviours[found.name]?.stops_after_ms ?? null
		if (signal === 'SIGKILL') this.end(found, {code: null, signal})
		else if (delay !== null) this.after(delay, () => this.end(found, {code: 0, signal: null}))
		return true
	}

	end(one: Pretended, exit: ProcessExit): void {
		const index = this.living.indexOf(one)
		if (index < 0) return
		this.living.splice(index, 1)
		one.end(exit)
	}

	crash(name: string): void {
		const found = this.living.find(one => one.name === name)
		if (found) this.end(found, {code: 1, signal: null})
	}

	/** Takes away readiness for a while, as an outage does. */
	outage(name: string, ms: number): void {
		for (const one of this.living.filter(one => one.name === name)) one.ready_at = this.now + ms
	}

	async check({pid}: ProbeContext): Promise<ProbeResult> {
		const found = this.living.find(one => one.identity.pid === pid)
		return found && found.ready_at <= this.now ? {ok: true} : {ok: false, reason: 'not ready'}
	}
}
