import type {Tally} from './finding.js'
import {fuzzEntries} from './ports.js'

export type Kind = Readonly<{
	name: string
	/** Of everything that is tried. */
	share: number
	fuzz: (count: number, seed: number) => Promise<Tally>
}>

export const kinds: readonly Kind[] = [{name: 'entries', share: 1, fuzz: fuzzEntries}]
