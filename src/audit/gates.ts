import type {Module} from './classify.js'
import type {Finding} from './finding.js'
import type {Gate} from './report-schema.js'

type Input = Readonly<{
	modules: readonly Module[]
	findings: readonly Finding[]
	/** Rules that could not look. */
	blind: ReadonlySet<string>
	streams: number
	ports: number
}>

/** Passed when none of its rules has found anything; unknown when one of them could not look. */
const byRules = (gate: string, rules: readonly string[], {findings, blind}: Input, detail: string): Gate => {
	const found = findings.filter(({rule}) => rules.includes(rule)).length
	if (found > 0) return {gate, passed: false, detail: `${found} findings: ${rules.join(', ')}`}
	const unlooked = rules.filter(rule => blind.has(rule))
	return unlooked.length > 0
		? {gate, passed: null, detail: `not looked at: ${unlooked.join(', ')}`}
		: {gate, passed: true, detail}
}

/** The quality gates of the reference, each computed from what was found. */
export const gatesOf = (input: Input): readonly Gate[] => {
	const {modules, streams, ports} = input
	const unknown = modules.filter(({category}) => category === 'UNKNOWN').map(({name}) => name)
	const withCode = modules.filter(({code}) => code.has_code).length
	return [
		{
			gate: 'all units classified',
			passed: unknown.length === 0,
			detail: `${modules.length - unknown.length} of ${modules.length} classified`,
		},
		byRules(
			'all code mapped to what runs',
			['orphan-process', 'duplicate-instance', 'dead-unit', 'systemd-not-found'],
			input,
			`${withCode} modules with code`,
		),
		byRules(
			'all programs are there, of one build',
			['missing-program', 'old-build', 'other-build-runs'],
			input,
			'every program exists and is of the build',
		),
		byRules(
			'all streams discovered, none orphaned',
			['unknown-stream', 'retired-stream', 'unread-stream', 'unwritten-stream', 'unknown-group'],
			input,
			`${streams} streams`,
		),
		byRules(
			'all ports mapped',
			['foreign-port', 'public-bind', 'contested-port', 'silent-port'],
			input,
			`${ports} listening ports`,
		),
		{
			gate: 'registry complete',
			passed: unknown.length === 0 && modules.every(({proof_line}) => proof_line !== ''),
			detail: unknown.length === 0 ? 'no UNKNOWN, a proof line for each' : `UNKNOWN: ${unknown.join(', ')}`,
		},
	]
}
