import type {Declared} from './declared.js'
import type {Finding, Severity} from './finding.js'
import type {Observed, PartName, Parts} from './observed.js'
import {PART_NAMES} from './observed.js'

/** What a rule may look at: the parts that it needs, and the others where they happen to be seen. */
export type Seen<Needs extends PartName> = Readonly<{at_ms: number}> &
	Readonly<{[Name in Needs]: Parts[Name]}> &
	Readonly<{[Name in Exclude<PartName, Needs>]?: Parts[Name]}>

/** A finding without what its rule says for all of them; either may be said anew where one case differs. */
export type Found = Readonly<{
	subject: string
	declared: string
	observed: string
	proof: string
	severity?: Severity
	remedy?: string
}>

export type RuleSpec<Needs extends PartName> = Readonly<{
	name: string
	/** One sentence: what is wrong when it finds something. */
	summary: string
	severity: Severity
	remedy: string
	needs: readonly Needs[]
	/** Pure. */
	look: (declared: Declared, seen: Seen<Needs>) => readonly Found[]
}>

/** Undefined: what it needs to see was not seen. */
export type Rule = Omit<RuleSpec<PartName>, 'look'> &
	Readonly<{apply: (declared: Declared, observed: Observed) => readonly Finding[] | undefined}>

const seenOf = <Needs extends PartName>(observed: Observed, needs: readonly Needs[]): Seen<Needs> | undefined => {
	const values: Partial<Record<PartName, unknown>> = {}
	for (const name of PART_NAMES) {
		const part = observed.parts[name]
		if (part.state === 'seen') values[name] = part.value
	}
	if (needs.some(name => values[name] === undefined)) return undefined
	return {...values, at_ms: observed.at_ms} as Seen<Needs>
}

/** Forgets which parts it needs, so that rules stand in one list. */
export const defineRule = <const Needs extends PartName>({look, ...spec}: RuleSpec<Needs>): Rule => ({
	...spec,
	apply: (declared, observed) => {
		const seen = seenOf(observed, spec.needs)
		if (!seen) return undefined
		const {name: rule, severity, remedy} = spec
		return look(declared, seen).map(found => ({rule, severity, remedy, ...found}))
	},
})
