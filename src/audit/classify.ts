import {named} from '../engine/registry.js'
import type {Declared, DeclaredUnit} from './declared.js'
import {type Observed, type OwnProcess, type Parts, type SystemdUnit, seenValue} from './observed.js'
import {command, shown} from './quoting.js'
import {systemdProof} from './systemd-units.js'

export const CATEGORIES = [
	'RUNNING',
	'STOPPED',
	'FAILED',
	'RESTARTING',
	'ORPHANED',
	'UNKNOWN',
	'RETIRED',
	'NOT APPLICABLE',
] as const
export type Category = (typeof CATEGORIES)[number]

/** One module in the shape of the reference's module_registry.json, with the command that shows the same. */
export type Module = Readonly<{
	name: string
	/** The systemd unit, else the process that it runs in. */
	unit: string | null
	category: Category
	why: string
	systemd: Readonly<{loaded: string; active: string; sub: string; enabled: string | null; description: string}> | null
	execution: Readonly<{user: number | null; pid: number | null; working_dir: string | null; exec_path: string | null}>
	code: Readonly<{module: string | null; path: string | null; entrypoint: string | null; has_code: boolean}>
	/** Node runs everything: there are no environments of Python, and the fields of the reference say so. */
	runtime: Readonly<{venv: null; venv_status: 'NOT APPLICABLE'; port: number | null; redis_streams: readonly string[]}>
	proof_line: string
}>

const HOST_PROGRAM = 'daemon/host/main.js'
const DAEMON_PROGRAM = 'daemon/main.js'

type Judged = Readonly<{category: Category; why: string; process: OwnProcess | undefined; proof: string}>
type Clues = Readonly<{[Name in keyof Parts]: Parts[Name] | undefined}>

const cluesOf = ({parts}: Observed): Clues => {
	return {
		ports: seenValue(parts.ports),
		processes: seenValue(parts.processes),
		daemon: seenValue(parts.daemon),
		redis: seenValue(parts.redis),
		systemd: seenValue(parts.systemd),
		files: seenValue(parts.files),
		build: seenValue(parts.build),
		venue: seenValue(parts.venue),
		policy: seenValue(parts.policy),
	}
}

const psOf = (pid: number): string => command('ps', '-o', 'pid,user,stat,lstart,args', '-p', pid)

/** By the daemon's word, held against the process table. */
const byDaemon = ({daemon, processes}: Clues, name: string): Judged | undefined => {
	const unit = daemon?.units.find(of => of.name === name)
	if (!unit) return undefined
	const process = processes?.own.find(({pid}) => pid === unit.pid)
	const restarts = daemon?.processes.find(of => of.name === unit.process)
	const common = {process, proof: unit.pid === null ? 'qt status' : psOf(unit.pid)}
	const why = unit.reason === null ? `the daemon says ${unit.state}` : shown(unit.reason)
	if (unit.state === 'STARTING') {
		const again = restarts?.phase === 'BACKOFF' || (restarts?.restarts_in_window ?? 0) > 0
		// It does not serve yet: what starts for the first time is not told to be running.
		return {...common, why, category: again ? 'RESTARTING' : 'STOPPED'}
	}
	if (unit.state !== 'RUNNING') return {...common, why, category: unit.state}
	if (unit.pid !== null && processes && !processes.living.has(unit.pid))
		return {...common, why: `the daemon says RUNNING, and no process ${unit.pid} lives`, category: 'FAILED'}
	return {...common, why, category: 'RUNNING'}
}

/** Without a daemon: what the processes and the leases say by themselves. */
const byProcesses = ({mode}: Declared, {processes, redis}: Clues, {name, server, code}: DeclaredUnit): Judged => {
	const proof = command('ps', '-e', '-o', 'pid,args')
	if (server && code !== null && mode !== 'PAPER')
		return {category: 'NOT APPLICABLE', why: `mode ${mode} trades at the venue itself`, process: undefined, proof}
	if (!processes)
		return {category: 'UNKNOWN', why: 'neither daemon nor process table could be asked', process: undefined, proof}
	const host = redis?.leases.find(({unit}) => unit === name)?.host
	const wanted = server ? name : `host-${host ?? ''}`
	const process = processes.own.find(of => of.leader && of.name === wanted)
	if (process)
		return {category: 'ORPHANED', why: 'it runs, and no daemon watches over it', process, proof: psOf(process.pid)}
	return {category: 'STOPPED', why: 'no process of it runs', process: undefined, proof}
}

const systemdOf = ({systemd}: Clues, declared: Declared, unit: DeclaredUnit): SystemdUnit | undefined =>
	systemd?.find(({name}) => named(declared.units, bareName(name))?.name === unit.name)

/** `quantum-ai-engine.service` as `ai-engine`. */
export const bareName = (name: string): string => name.replace(/^quantum-/, '').replace(/\.\w+$/, '')

const systemdFields = (unit: SystemdUnit | undefined): Module['systemd'] =>
	unit
		? {
				loaded: unit.load,
				active: unit.active,
				sub: unit.sub,
				enabled: unit.enabled,
				description: shown(unit.description),
			}
		: null

const declaredModule = (declared: Declared, clues: Clues, unit: DeclaredUnit): Module => {
	const judged = byDaemon(clues, unit.name) ?? byProcesses(declared, clues, unit)
	const {category, why, process, proof} = judged
	const entry = clues.daemon?.units.find(({name}) => name === unit.name)
	const systemd = systemdOf(clues, declared, unit)
	const program = unit.server ? (unit.code?.replace(/\.ts$/, '.js') ?? null) : HOST_PROGRAM
	return {
		name: unit.name,
		unit: systemd?.name ?? process?.name ?? (entry?.process || null),
		category,
		why,
		systemd: systemdFields(systemd),
		execution: {
			user: process?.user ?? null,
			pid: process?.pid ?? entry?.pid ?? null,
			working_dir: process?.directory ?? null,
			exec_path: process?.command == null ? null : shown(process.command),
		},
		code: {
			module: unit.code === null ? null : unit.name,
			path: unit.code === null ? null : `src/${unit.code}`,
			entrypoint: program === null ? null : `dist/${program}`,
			has_code: unit.code !== null,
		},
		runtime: {
			venv: null,
			venv_status: 'NOT APPLICABLE',
			port: declared.ports[unit.name] ?? null,
			redis_streams: [...new Set([...unit.reads, ...unit.writes])].sort(),
		},
		proof_line: proof,
	}
}

const foundModule = (
	name: string,
	of: Pick<Module, 'unit' | 'category' | 'why' | 'systemd' | 'execution' | 'proof_line'>,
	entrypoint: string | null = null,
): Module => ({
	name,
	...of,
	code: {module: null, path: null, entrypoint, has_code: entrypoint !== null},
	runtime: {venv: null, venv_status: 'NOT APPLICABLE', port: null, redis_streams: []},
})

const NOBODY = {user: null, pid: null, working_dir: null, exec_path: null}

const daemonModule = ({daemon, processes}: Clues): Module => {
	const pid = daemon?.pid ?? processes?.daemon_pid ?? null
	const known: Pick<Module, 'category' | 'why'> = daemon
		? {category: 'RUNNING', why: 'it answers on its socket'}
		: pid !== null
			? {category: 'UNKNOWN', why: 'it lives and does not answer'}
			: processes
				? {category: 'STOPPED', why: 'no daemon holds this home'}
				: {category: 'UNKNOWN', why: 'neither its socket nor the process table could be asked'}
	const execution = {...NOBODY, pid}
	const proof_line = pid === null ? 'qt status' : psOf(pid)
	return foundModule(
		'daemon',
		{unit: 'daemon', ...known, systemd: null, execution, proof_line},
		`dist/${DAEMON_PROGRAM}`,
	)
}

/** Processes under names that nobody declares. */
const strayModules = ({daemon, processes}: Clues): readonly Module[] => {
	if (!daemon) return []
	const watched = new Set(daemon.processes.map(({name}) => name))
	return (processes?.own ?? [])
		.filter(({leader, name}) => leader && !watched.has(name))
		.map(({name, pid, user, directory, command: line}) =>
			foundModule(shown(name), {
				unit: shown(name),
				category: 'ORPHANED',
				why: 'no process of this name is declared',
				systemd: null,
				execution: {user, pid, working_dir: directory, exec_path: line === null ? null : shown(line)},
				proof_line: psOf(pid),
			}),
		)
}

const systemdCategory = ({load, active, sub}: SystemdUnit): Category => {
	if (load === 'not-found') return 'ORPHANED'
	if (active === 'failed') return 'FAILED'
	if (sub === 'auto-restart') return 'RESTARTING'
	return active === 'active' ? 'RUNNING' : 'STOPPED'
}

/** Systemd units of our name that are no unit of the registry: targets, timers, and what former installations left. */
const systemdModules = (declared: Declared, {systemd}: Clues): readonly Module[] =>
	(systemd ?? [])
		.filter(({name}) => named(declared.units, bareName(name)) === undefined)
		.map(unit => {
			const left = unit.name.endsWith('.service') && unit.load !== 'not-found' && unit.active !== 'active'
			return foundModule(shown(unit.name), {
				unit: shown(unit.name),
				category: left && unit.active !== 'failed' ? 'RETIRED' : systemdCategory(unit),
				why: `systemd says ${unit.load}, ${unit.active} (${unit.sub})`,
				systemd: systemdFields(unit),
				execution: NOBODY,
				proof_line: systemdProof(unit),
			})
		})

/** Every module, declared or found, with its state and the command that shows it. */
export const classify = (declared: Declared, observed: Observed): readonly Module[] => {
	const clues = cluesOf(observed)
	return [
		daemonModule(clues),
		...declared.units.map(unit => declaredModule(declared, clues, unit)),
		...strayModules(clues),
		...systemdModules(declared, clues),
	]
}
