import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {closureOf, type Target, targetNames} from '../../engine/contracts/targets.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {closestName} from '../supervision/closest-name.js'
import {lastLogLine} from '../supervision/log-tail.js'
import {makeHome} from '../system/home.js'
import {credentialsOf} from '../system/secrets.js'
import {readSettings, type Settings, writeSettings} from '../system/settings.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {DaemonStatus} from './control-api.js'
import {ControlClient} from './control-client.js'
import {startDaemon} from './daemon-process.js'
import type {Home} from './home.js'
import {refuseChanges, type SystemChoice, settingsFor} from './system-choice.js'

export type UpProgress =
	| Readonly<{kind: 'daemon'; started: boolean; pid: number; settings: Settings}>
	/** A directory of the home that others could enter until now. */
	| Readonly<{kind: 'closed'; path: string}>
	| Readonly<{kind: 'stage'; name: string; at_ms: number}>
	| Readonly<{kind: 'waiting'; blocked: Readonly<Record<string, readonly string[]>>}>

export type UpOptions = Readonly<{
	home: Home
	env: NodeJS.ProcessEnv
	choice: SystemChoice
	stage: Target | 'all'
	watched: boolean
	onProgress: (progress: UpProgress) => void
	signal?: AbortSignal
	/** Another daemon program than the one beside this file. */
	program?: string
}>

export type UpReport = Readonly<{started: boolean; took_ms: number; settings: Settings; status: DaemonStatus}>

/** How often a wait that goes on is said to go on. */
const WAITING_EVERY_MS = 5_000

/** Former names and aliases become the unit's own. */
const namedUnits = async (choice: SystemChoice): Promise<SystemChoice> => {
	if (!choice.isolate || choice.isolate.length === 0) return choice
	const {requireUnit} = await import('./unit-names.js')
	return {...choice, isolate: choice.isolate.map(name => requireUnit(name).name)}
}

const ensureDaemon = async (
	options: UpOptions,
): Promise<{started: boolean; settings: Settings; status: DaemonStatus}> => {
	const {home, env, choice, watched, program} = options
	const stored = readSettings(home)
	const running = await new ControlClient(home).status()
	if (running) {
		const settings = stored ?? settingsFor({}, undefined, false)
		// Without flags nothing is asked for: what runs is attached to.
		const asked = settingsFor(choice, settings, false)
		refuseChanges(asked, settings, running)
		return {started: false, settings, status: running}
	}
	const settings = settingsFor(choice, stored, watched)
	if (settings.mode !== 'PAPER') credentialsOf(settings.mode, home, env)
	for (const path of makeHome(home)) options.onProgress({kind: 'closed', path})
	writeSettings(home, settings)
	const status = await startDaemon(home, {env, ...(program !== undefined && {program})})
	return {started: true, settings, status}
}

const failureOf = (home: Home, status: DaemonStatus, wanted: readonly string[]): OperatorError | undefined => {
	const failed = status.units.find(({state, target}) => state === 'FAILED' && wanted.includes(target))
	const process = status.processes.find(({state}) => state === 'FAILED')
	if (!failed && !process) return undefined
	const name = failed?.process ?? process?.name ?? ''
	const reason = failed?.reason ?? process?.last_error ?? 'no reason known'
	const line = lastLogLine(join(home.logs, `${name}.log`))
	const words = line === null ? '' : `; its log ends with: ${line}`
	return new OperatorError(`${failed?.name ?? name} is FAILED: ${reason}${words}`, {
		exit_code: EXIT_CODES.failure,
		hint: `see qt logs ${name}, then: qt reset ${name}`,
	})
}

const blockedOf = (status: DaemonStatus, shut: readonly string[]): Record<string, readonly string[]> =>
	Object.fromEntries(
		status.stages.filter(({name}) => shut.includes(name)).map(({name, blocked_by}) => [name, blocked_by]),
	)

const awaitStages = async (
	options: UpOptions,
	wanted: readonly Target[],
	started_at: number,
): Promise<DaemonStatus> => {
	const {home, onProgress, signal} = options
	const control = new ControlClient(home)
	const open = new Set<string>()
	let said_ms = performance.now()
	for (;;) {
		const status = await control.status()
		if (!status)
			throw new OperatorError('the daemon has gone', {
				exit_code: EXIT_CODES.unreachable,
				hint: `see ${home.logs}/daemon.log`,
			})
		for (const {name} of status.stages.filter(
			stage => stage.open && wanted.includes(stage.name as Target) && !open.has(stage.name),
		)) {
			open.add(name)
			onProgress({kind: 'stage', name, at_ms: Math.round(performance.now() - started_at)})
		}
		const shut = wanted.filter(name => !open.has(name))
		if (shut.length === 0 || signal?.aborted) return status
		const failure = failureOf(home, status, wanted)
		if (failure) throw failure
		const blocked = blockedOf(status, shut)
		if (performance.now() - started_at > CLIENT_LIMITS.stages_open_ms) {
			const told = Object.entries(blocked).map(([name, by]) => `${name} (${by.join(', ') || 'no reason known'})`)
			throw new OperatorError(`not open within ${CLIENT_LIMITS.stages_open_ms / 1_000} s: ${told.join('; ')}`, {
				exit_code: EXIT_CODES.drift,
				hint: 'see qt status; the daemon keeps trying',
			})
		}
		if (performance.now() - said_ms > WAITING_EVERY_MS) {
			said_ms = performance.now()
			onProgress({kind: 'waiting', blocked})
		}
		await pause(CLIENT_LIMITS.poll_ms)
	}
}

/** Starts the daemon if none runs, asks for the stages and waits until they are open. */
export const bringUp = async (options: UpOptions): Promise<UpReport> => {
	const started_at = performance.now()
	const choice = await namedUnits(options.choice)
	const {started, settings, status: first} = await ensureDaemon({...options, choice})
	options.onProgress({kind: 'daemon', started, pid: first.pid, settings})
	const wanted = options.stage === 'all' ? targetNames : closureOf(options.stage)
	await new ControlClient(options.home).start(wanted)
	const status = await awaitStages(options, wanted, started_at)
	return {started, settings, status, took_ms: Math.round(performance.now() - started_at)}
}

/** @throws OperatorError (usage) with the nearest name. */
export const parseStage = (text: string): Target | 'all' => {
	const names = [...targetNames, 'all'] as const
	const found = names.find(name => name === text)
	if (found) return found
	const near = closestName(text, names)
	throw new OperatorError(`--stage ${text}: expected one of ${names.join(', ')}`, {
		exit_code: EXIT_CODES.usage,
		...(near && {hint: `did you mean ${near}?`}),
	})
}
