import {existsSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {storedSystem} from '../daemon/client/home.js'
import {closestName} from '../daemon/supervision/closest-name.js'
import {runIdOf} from '../daemon/supervision/run-record.js'
import type {Home} from '../daemon/system/home.js'
import {readSettings} from '../daemon/system/settings.js'
import {declaredPorts} from '../daemon/system/unit-ports.js'
import {messageOf, OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {diffBaseline} from './baseline.js'
import {readBaseline} from './baseline-file.js'
import {type AuditLimits, type Declared, declaredFor} from './declared.js'
import {observeBuild} from './observe/build.js'
import {observeDaemon} from './observe/daemon.js'
import {observeFiles} from './observe/files.js'
import {observePolicy} from './observe/policy.js'
import {observePorts} from './observe/ports.js'
import {observeProcesses} from './observe/processes.js'
import {observeRedis} from './observe/redis.js'
import {observeSystemd} from './observe/systemd.js'
import {type ObserveVenue, observeVenue} from './observe/venue.js'
import {absent, type Observed, type Part, type PartName, unseen} from './observed.js'
import {reportOf} from './report.js'
import type {Report} from './report-schema.js'
import type {Rule} from './rule.js'
import {rules} from './rules.js'

export type AuditOptions = Readonly<{
	env: NodeJS.ProcessEnv
	/** Machine time, ms. */
	now_ms: () => number
	/** Names of rules: these alone, or all but these. */
	only?: readonly string[] | undefined
	skip?: readonly string[] | undefined
	limits?: AuditLimits
	/** How the venue is looked at, where not anew each time. */
	venue?: ObserveVenue
}>

const requireRule = (name: string): string => {
	if (rules.some(rule => rule.name === name)) return name
	const near = closestName(
		name,
		rules.map(rule => rule.name),
	)
	throw new OperatorError(`unknown rule: ${name}`, {
		exit_code: EXIT_CODES.usage,
		hint: near ? `did you mean ${near}?` : 'see qt registry audit --rules',
	})
}

/** @throws OperatorError (usage) with the nearest name for one that no rule has */
export const chosenRules = ({only, skip = []}: Pick<AuditOptions, 'only' | 'skip'>): readonly Rule[] => {
	const wanted = only?.map(requireRule)
	const unwanted = skip.map(requireRule)
	return rules.filter(({name}) => (wanted?.includes(name) ?? true) && !unwanted.includes(name))
}

/** What is declared of a home; `problem` says why its ports are not known. */
const declaredOf = (home: Home, limits: AuditLimits | undefined): {declared: Declared; problem?: string} => {
	const {mode, prefix} = storedSystem(home)
	const processes = join(home.run, 'processes')
	const run_id = existsSync(processes) ? runIdOf(processes) : null
	const place = {home: home.root, mode, prefix, run_id}
	try {
		const ports = declaredPorts(home, readSettings(home)?.ports ?? 0)
		return {declared: declaredFor({...place, ports}, limits)}
	} catch (error) {
		const problem = `the ports of this home cannot be read: ${messageOf(error)}`
		return {declared: declaredFor({...place, ports: {}}, limits), problem}
	}
}

/** The modules are judged by these, whichever rules are asked for. */
const ALWAYS: readonly PartName[] = ['daemon', 'processes', 'redis', 'systemd', 'ports']

/** Looks at everything at once. Nothing is written anywhere. */
const observe = async (
	home: Home,
	{declared, problem}: ReturnType<typeof declaredOf>,
	wanted: readonly Rule[],
	{env, now_ms, venue: lookAtVenue = observeVenue}: AuditOptions,
): Promise<Observed> => {
	const needed = new Set<PartName>([...ALWAYS, ...wanted.flatMap(({needs}) => needs)])
	const asked = async <Value>(name: PartName, look: () => Part<Value> | Promise<Part<Value>>): Promise<Part<Value>> =>
		needed.has(name) ? look() : absent('no rule that was asked for looks at it')
	const [ports, processes, daemon, redis, systemd, files, build, venue, policy] = await Promise.all([
		asked('ports', () => (problem === undefined ? observePorts() : unseen(problem))),
		asked('processes', () => observeProcesses(home, declared.run_id)),
		asked('daemon', () => observeDaemon(home)),
		asked('redis', () => observeRedis(home)),
		asked('systemd', observeSystemd),
		asked('files', () => observeFiles(home)),
		asked('build', () => observeBuild()),
		asked('venue', () => lookAtVenue(home, env)),
		asked('policy', () => observePolicy(home)),
	])
	const parts = {ports, processes, daemon, redis, systemd, files, build, venue, policy}
	return {at_ms: now_ms(), host: hostname(), parts}
}

/** What changed since the baseline; one that cannot be read is told of and keeps nothing else from being seen. */
const withBaseline = (home: Home, report: Report): Report => {
	try {
		const baseline = readBaseline(home)
		if (!baseline) return report
		const {saved_at} = baseline
		return {...report, baseline: {saved_at, differences: diffBaseline(baseline, report)}}
	} catch (error) {
		const why = messageOf(error)
		const verdict = report.verdict === 'CLEAN' ? 'INCOMPLETE' : report.verdict
		return {...report, verdict, not_looked_at: [...report.not_looked_at, {part: 'baseline', why, rules: []}]}
	}
}

/** Compares what is declared with what is found. @throws OperatorError (usage) for a rule that does not exist */
export const auditRegistry = async (home: Home, options: AuditOptions): Promise<Report> => {
	const wanted = chosenRules(options)
	const begun = performance.now()
	const place = declaredOf(home, options.limits)
	const observed = await observe(home, place, wanted, options)
	const report = withBaseline(home, reportOf(place.declared, observed, wanted))
	return {...report, took_ms: Math.round(performance.now() - begun)}
}
