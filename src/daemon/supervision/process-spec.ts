import {createHash} from 'node:crypto'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {closestName} from './closest-name.js'

export type ProbeResult = {ok: true} | {ok: false; reason: string}

/** Which incarnation is asked about, so that a probe can refuse the reading of an earlier one. */
export interface ProbeContext {
	name: string
	generation: number
	pid: number
	/** Aborted when the probe's time-out runs out or the process is stopped. */
	signal: AbortSignal
}

/** A repeated question to one process. A throw counts as `{ok: false}` with the error's message. */
export interface Probe {
	check(context: ProbeContext): Promise<ProbeResult>
	interval_ms: number
	timeout_ms: number
	/** Consecutive failures after which a good reading is given up. */
	failures_max: number
}

export interface RestartPolicy {
	/** permanent: always; transient: unless it exits with 0; temporary: never. */
	type: 'permanent' | 'transient' | 'temporary'
	/** Restarts allowed within the window, and in a row without a healthy spell; one more failure is FATAL. */
	intensity_max: number
	window_ms: number
	backoff_min_ms: number
	backoff_max_ms: number
	/** Share of the pause that chance may take off, 0 to 1: spreads restarts of many processes. */
	jitter: number
	/** Ready for this long without a break: the back-off begins anew. */
	healthy_after_ms: number
	/** Exit codes that say that another try would end the same way: FAILED at once. */
	final_exit_codes?: readonly number[]
}

export interface ProcessSpec {
	name: string
	command: string
	args: readonly string[]
	/** Added to the supervisor's base environment. Part of the spec hash: a changed value replaces the process. */
	env: Readonly<Record<string, string>>
	cwd: string
	/**
	 * What else decides how it runs, such as the text of its configuration file:
	 * part of the spec hash, so that a process of another configuration is replaced, not adopted.
	 */
	fingerprint?: string
	/** Processes that must be ready before this one is started. Their outage later never restarts it. */
	depends_on: readonly string[]
	/** Without one the process counts as ready once it runs, and nothing may depend on it. */
	ready?: Probe
	/** Failing it restarts the process; not asked while a dependency is out. */
	live?: Probe
	restart: RestartPolicy
	stop: {signal: NodeJS.Signals; grace_ms: number}
	/** From spawn to the first good readiness reading; the time of a dependency's outage does not count. */
	start_timeout_ms: number
	/** Gets stdout and stderr, appended. */
	log_file: string
}

export const DEFAULT_RESTART: RestartPolicy = {
	type: 'permanent',
	intensity_max: 5,
	window_ms: 120_000,
	backoff_min_ms: 1_000,
	backoff_max_ms: 60_000,
	jitter: 0.25,
	healthy_after_ms: 30_000,
	final_exit_codes: [EXIT_CODES.usage],
}

export const DEFAULT_STOP: ProcessSpec['stop'] = {signal: 'SIGTERM', grace_ms: 10_000}

/** What makes a running process the one that is wanted; probes, policies and the log's place are ours, not its. */
export function specHash(spec: ProcessSpec): string {
	const env = Object.entries(spec.env).sort(([left], [right]) => (left < right ? -1 : 1))
	return createHash('sha256')
		.update(JSON.stringify([spec.command, spec.args, env, spec.cwd, spec.fingerprint ?? null]))
		.digest('hex')
		.slice(0, 32)
}

const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/

function refuse(message: string, hint: string): never {
	throw new OperatorError(message, {exit_code: EXIT_CODES.usage, hint})
}

function requireNumber(where: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): void {
	if (!Number.isFinite(value) || value < min || value > max)
		refuse(`${where} is ${value}; expected a number from ${min} to ${max}`, `correct ${where}`)
}

function validateProbe(where: string, probe: Probe | undefined): void {
	if (!probe) return
	requireNumber(`${where}.interval_ms`, probe.interval_ms, 1)
	requireNumber(`${where}.timeout_ms`, probe.timeout_ms, 1)
	requireNumber(`${where}.failures_max`, probe.failures_max, 1)
}

function validateOne(spec: ProcessSpec): void {
	if (!namePattern.test(spec.name))
		refuse(
			`process name "${spec.name}" cannot be used as a file name`,
			'use lower-case letters, digits, dots and dashes, 64 at most',
		)
	const {restart, stop, name} = spec
	requireNumber(`${name}.restart.intensity_max`, restart.intensity_max, 0)
	requireNumber(`${name}.restart.window_ms`, restart.window_ms, 1)
	requireNumber(`${name}.restart.backoff_min_ms`, restart.backoff_min_ms, 0)
	requireNumber(`${name}.restart.backoff_max_ms`, restart.backoff_max_ms, restart.backoff_min_ms)
	requireNumber(`${name}.restart.jitter`, restart.jitter, 0, 1)
	requireNumber(`${name}.restart.healthy_after_ms`, restart.healthy_after_ms, 0)
	requireNumber(`${name}.stop.grace_ms`, stop.grace_ms, 0)
	requireNumber(`${name}.start_timeout_ms`, spec.start_timeout_ms, 1)
	validateProbe(`${name}.ready`, spec.ready)
	validateProbe(`${name}.live`, spec.live)
}

function validateDependency(spec: ProcessSpec, dependency: string, byName: ReadonlyMap<string, ProcessSpec>): void {
	const found = byName.get(dependency)
	if (!found) {
		const near = closestName(dependency, byName.keys())
		refuse(
			`${spec.name} depends on "${dependency}", which is not a process`,
			near ? `did you mean ${near}?` : `known are ${[...byName.keys()].join(', ')}`,
		)
	}
	if (!found.ready)
		refuse(
			`${spec.name} depends on ${dependency}, which has no readiness probe: the wait would prove nothing`,
			`give ${dependency} a readiness probe or drop it from depends_on of ${spec.name}`,
		)
}

function findCycle(byName: ReadonlyMap<string, ProcessSpec>): string[] | undefined {
	const done = new Set<string>()
	const visit = (name: string, path: string[]): string[] | undefined => {
		if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
		if (done.has(name)) return undefined
		for (const dependency of byName.get(name)?.depends_on ?? []) {
			const cycle = visit(dependency, [...path, name])
			if (cycle) return cycle
		}
		done.add(name)
		return undefined
	}
	for (const name of byName.keys()) {
		const cycle = visit(name, [])
		if (cycle) return cycle
	}
	return undefined
}

/**
 * The specs by name, each checked alone and against the others.
 * @throws OperatorError (usage) naming the process, what is wrong and the remedy.
 */
export function validateSpecs(specs: readonly ProcessSpec[]): ReadonlyMap<string, ProcessSpec> {
	const byName = new Map<string, ProcessSpec>()
	for (const spec of specs) {
		validateOne(spec)
		if (byName.has(spec.name)) refuse(`process ${spec.name} is declared twice`, 'remove one of the declarations')
		byName.set(spec.name, spec)
	}
	for (const spec of specs) {
		for (const dependency of spec.depends_on) validateDependency(spec, dependency, byName)
	}
	const cycle = findCycle(byName)
	if (cycle) refuse(`processes wait for each other: ${cycle.join(' -> ')}`, 'drop one of these dependencies')
	return byName
}
