import {appendFileSync, existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {signalProcess} from '../../../src/daemon/supervision/process-identity.js'
import type {Probe, ProcessSpec} from '../../../src/daemon/supervision/process-spec.js'
import {bootId, listProcesses} from '../../../src/daemon/supervision/process-table.js'
import {openRunRecords} from '../../../src/daemon/supervision/run-record.js'
import {findMarked} from '../../../src/daemon/supervision/supervision-mark.js'
import {Supervisor, type SupervisorOptions} from '../../../src/daemon/supervision/supervisor.js'
import {eventuallyGone} from '../../support/eventually.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'

export type SpecChanges = Partial<Omit<ProcessSpec, 'restart'>> & {
	restart?: Partial<ProcessSpec['restart']>
	setup?: string
}

/** A probe that is quick enough for tests. */
export function quickProbe(check: Probe['check'], changes: Partial<Probe> = {}): Probe {
	return {check, interval_ms: 20, timeout_ms: 1_000, failures_max: 2, ...changes}
}

export const alwaysOk: Probe = quickProbe(async () => ({ok: true}))

/** A probe that says yes while a file exists. */
export const fileProbe = (path: string, changes: Partial<Probe> = {}): Probe =>
	quickProbe(async () => (existsSync(path) ? {ok: true} : {ok: false, reason: `${path} is missing`}), changes)

/** One home with any number of supervisors, whose processes are ended when the test ends. */
export class Ground {
	readonly home: TemporaryHome
	readonly #supervisors: Supervisor[] = []
	readonly #run_dirs = new Set<string>()

	constructor(home: TemporaryHome) {
		this.home = home
	}

	path(name: string): string {
		return join(this.home.path, name)
	}

	/**
	 * A shell script as a process. After `setup` (traps, children) it appends
	 * `start <pid>` to `<name>.runs`, which by default makes it ready.
	 */
	spec(name: string, script: string, changes: SpecChanges = {}): ProcessSpec {
		const {restart, setup = ':', ...rest} = changes
		return {
			name,
			command: '/bin/sh',
			args: ['-c', `${setup}; echo start $$ >> ${this.path(`${name}.runs`)}; ${script}`],
			env: {},
			cwd: this.home.path,
			depends_on: [],
			ready: quickProbe(async ({pid}) =>
				this.starts(name).includes(pid) ? {ok: true} : {ok: false, reason: 'not up'},
			),
			stop: {signal: 'SIGTERM', grace_ms: 3_000},
			start_timeout_ms: 5_000,
			log_file: this.path(`${name}.log`),
			...rest,
			restart: {
				type: 'permanent',
				intensity_max: 3,
				window_ms: 60_000,
				backoff_min_ms: 10,
				backoff_max_ms: 40,
				jitter: 0,
				healthy_after_ms: 60_000,
				...restart,
			},
		}
	}

	/** A process that does nothing until it is told to stop. */
	idle(name: string, changes: SpecChanges = {}): ProcessSpec {
		return this.spec(name, 'exec sleep 1000', changes)
	}

	supervisor(specs: ProcessSpec[], changes: Partial<SupervisorOptions> = {}): Supervisor {
		const options = {specs, run_dir: this.path('run'), version: '1', ...changes}
		const supervisor = new Supervisor(options)
		this.#supervisors.push(supervisor)
		this.#run_dirs.add(options.run_dir)
		return supervisor
	}

	/** Process ids of all starts so far. */
	starts(name: string): number[] {
		if (!existsSync(this.path(`${name}.runs`))) return []
		return [...readFileSync(this.path(`${name}.runs`), 'utf8').matchAll(/start (\d+)/g)].map(match => Number(match[1]))
	}

	touch(name: string): string {
		appendFileSync(this.path(name), '')
		return this.path(name)
	}

	async end(): Promise<void> {
		for (const supervisor of this.#supervisors) supervisor.removeAllListeners().kill()
		const run_ids = [...this.#run_dirs].map(run_dir => openRunRecords(run_dir).run_id)
		await eventuallyGone(
			() => {
				const left = run_ids.flatMap(run_id => findMarked(run_id))
				for (const {row} of left) signalProcess({...row, boot_id: bootId()}, 'SIGKILL')
				return left
			},
			{what: 'no process of this test is left'},
		)
		for (const supervisor of this.#supervisors) supervisor.close()
		await this.home.remove()
	}
}

/** A fresh home for the running test; cleaned up after it. */
export async function ground(): Promise<Ground> {
	const made = new Ground(await temporaryHome())
	onTestFinished(() => made.end())
	return made
}

export const alive = (pid: number): boolean => listProcesses().some(row => row.pid === pid)

export const awaitGone = (pid: number): Promise<void> =>
	eventuallyGone(() => alive(pid), {what: `process ${pid} has gone`})

export function stateOf(supervisor: Supervisor, name: string) {
	const status = supervisor.status().find(one => one.name === name)
	if (!status) throw new Error(`no process ${name}`)
	return status
}

export function pidOf(supervisor: Supervisor, name: string): number {
	const {pid} = stateOf(supervisor, name)
	if (pid === null) throw new Error(`${name} has no process`)
	return pid
}
