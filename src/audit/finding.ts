/** CRITICAL: money is at risk now. WARNING: something is wrong that a person should look at. */
export const SEVERITIES = ['critical', 'warning'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What is not as it should be. All texts are safe to show: names that others chose are escaped. */
export type Finding = Readonly<{
	rule: string
	severity: Severity
	/** What it is about: a unit, a stream, a port, a file. */
	subject: string
	declared: string
	observed: string
	remedy: string
	/** A command that shows a person the same. */
	proof: string
}>

const rank = ({severity}: Finding): number => SEVERITIES.indexOf(severity)

/** The worst first, then by rule and subject, so that two audits of the same system read the same. */
export const sorted = (findings: readonly Finding[]): readonly Finding[] =>
	findings.toSorted(
		(left, right) =>
			rank(left) - rank(right) ||
			(left.rule < right.rule ? -1 : left.rule > right.rule ? 1 : 0) ||
			(left.subject < right.subject ? -1 : left.subject > right.subject ? 1 : 0),
	)
