import {z} from 'zod'
import type {Difference, Report} from './report-schema.js'

/** What stays the same while nothing is changed: no process id, no length, no time. */
export const baselineSchema = z.strictObject({
	schema_version: z.literal(1),
	saved_at: z.iso.datetime(),
	home: z.string(),
	/** A fact by its name, such as `module governor`, and what was true of it. */
	facts: z.record(z.string(), z.string()),
})
export type Baseline = Readonly<z.output<typeof baselineSchema>>

type Fact = readonly [name: string, value: string]

const moduleFacts = ({registry}: Report): readonly Fact[] =>
	registry.modules.map(({name, category}) => [`module ${name}`, category])

const portFacts = ({inventory}: Report): readonly Fact[] =>
	inventory.ports
		.filter(({process}) => process !== null)
		.map(({port, address, process}) => [`port ${port} on ${address}`, process ?? ''])

const streamFacts = ({inventory}: Report): readonly Fact[] =>
	inventory.streams.flatMap(({name, declared, groups}): readonly Fact[] => [
		[`stream ${name}`, declared === 'yes' ? 'declared' : declared === 'no' ? 'undeclared' : 'retired'],
		...groups.map(({group, unit}): Fact => [`group ${group} on ${name}`, unit ?? 'of no unit']),
	])

const keyFacts = ({inventory}: Report): readonly Fact[] =>
	inventory.keys.map(({pattern, type}) => [`keys ${pattern ?? 'of no pattern'} of type ${type}`, 'there'])

const otherFacts = ({inventory, mode, findings}: Report): readonly Fact[] => [
	['mode', mode],
	...inventory.systemd.map(({name, load, active, sub}): Fact => [`systemd ${name}`, `${load} ${active} ${sub}`]),
	...inventory.files.map(({path, mode: rights, uid}): Fact => [`file ${path}`, `${rights} of user ${uid}`]),
	...(inventory.build ? [['build', inventory.build.version] as const] : []),
	...findings.map(({rule, subject}): Fact => [`finding ${rule} ${subject}`, 'there']),
]

const factsOf = (report: Report): Readonly<Record<string, string>> =>
	Object.fromEntries([moduleFacts, portFacts, streamFacts, keyFacts, otherFacts].flatMap(facts => facts(report)))

export const baselineOf = (report: Report): Baseline => ({
	schema_version: 1,
	saved_at: report.generated_at,
	home: report.home,
	facts: factsOf(report),
})

/** Facts of parts that were not looked at now are not said to have gone. */
const PARTS: Readonly<Record<string, string>> = {
	port: 'ports',
	stream: 'redis',
	group: 'redis',
	keys: 'redis',
	systemd: 'systemd',
	file: 'files',
	build: 'build',
	finding: '',
}

/** What is otherwise now than it was, by name. */
export const diffBaseline = ({facts: before}: Baseline, report: Report): readonly Difference[] => {
	const now = factsOf(report)
	const blind = new Set(report.not_looked_at.map(({part}) => part))
	const unseen = (name: string): boolean => {
		const part = PARTS[name.split(' ')[0] ?? '']
		return part === '' ? blind.size > 0 : part !== undefined && blind.has(part)
	}
	return [...new Set([...Object.keys(before), ...Object.keys(now)])].sort().flatMap((fact): Difference[] => {
		const [was, is] = [before[fact], now[fact]]
		if (was === is) return []
		if (is === undefined) return unseen(fact) ? [] : [{kind: 'removed', fact, before: was ?? null, now: null}]
		if (was === undefined) return [{kind: 'added', fact, before: null, now: is}]
		return [{kind: 'changed', fact, before: was, now: is}]
	})
}
