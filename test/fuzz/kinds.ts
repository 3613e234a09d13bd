import type {Tally} from './finding.js'
import {fuzzPolicies} from './policy-files.js'
import {fuzzEntries} from './ports.js'
import {fuzzRequests} from './requests.js'

export type Kind = Readonly<{
	name: string
	/** Of everything that is tried. */
	share: number
	fuzz: (count: number, seed: number) => Promise<Tally>
}>

export const kinds: readonly Kind[] = [
	{name: 'entries', share: 0.75, fuzz: fuzzEntries},
	{name: 'requests', share: 0.15, fuzz: fuzzRequests},
	{name: 'policies', share: 0.1, fuzz: fuzzPolicies},
]
