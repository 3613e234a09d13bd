import {dependantsOf, withDependencies} from './process-order.js'
import type {ProcessSpec} from './process-spec.js'
import {isAlive, isReady, type ProcessState} from './process-state.js'
import {type ProcessSurroundings, SupervisedProcess} from './supervised-process.js'

export type ProcessSetListener = (process: SupervisedProcess, before: ProcessState) => void

/** Supervised processes that depend on each other: what one becomes, the others are told. */
export class ProcessSet {
	readonly specs: ReadonlyMap<string, ProcessSpec>
	readonly #processes = new Map<string, SupervisedProcess>()
	readonly #onChange: ProcessSetListener

	/** `onChange` is called after each change of a process, before the others are told. */
	constructor(
		specs: ReadonlyMap<string, ProcessSpec>,
		around: Omit<ProcessSurroundings, 'onChange'>,
		onChange: ProcessSetListener,
	) {
		this.specs = specs
		this.#onChange = onChange
		const surroundings = {...around, onChange: this.#changed.bind(this)}
		for (const spec of specs.values()) this.#processes.set(spec.name, new SupervisedProcess(spec, surroundings))
	}

	get(name: string): SupervisedProcess {
		const process = this.#processes.get(name)
		if (!process) throw new Error(`process ${name} is not in the checked set`)
		return process
	}

	/** All, dependencies first. */
	all(): SupervisedProcess[] {
		return withDependencies(this.specs, this.specs.keys()).map(name => this.get(name))
	}

	/** A process that is wanted down is signalled once nothing that needs it lives. */
	advanceStops(): void {
		for (const {spec, state} of this.#processes.values()) {
			if (state.desired === 'up' || !isAlive(state) || state.phase === 'STOPPING') continue
			const needed = dependantsOf(this.specs, spec.name).some(name => isAlive(this.get(name).state))
			if (!needed) this.get(spec.name).send({type: 'terminate'})
		}
	}

	#changed(process: SupervisedProcess, before: ProcessState): void {
		this.#onChange(process, before)
		const {state} = process
		if (before.phase === state.phase && before.ready === state.ready) return
		for (const name of dependantsOf(this.specs, process.spec.name)) this.#tellDependencies(this.get(name))
		this.advanceStops()
	}

	/** Level, not edge: each change is compared with what the dependant was told last, so that none is missed. */
	#tellDependencies(dependant: SupervisedProcess): void {
		const unready = dependant.spec.depends_on.map(name => this.get(name)).filter(({state}) => !isReady(state))
		const waiting_for = unready.map(({spec}) => spec.name)
		const {state} = dependant
		if (state.dependencies_ready === (unready.length === 0) && state.waiting_for.join() === waiting_for.join()) return
		const last_ok_ms = Math.min(...unready.map(({state: {ready_ok_ms}}) => ready_ok_ms ?? Number.NEGATIVE_INFINITY))
		dependant.send({type: 'dependencies', ready: unready.length === 0, waiting_for, last_ok_ms})
	}
}
