import {exits} from './exits.js'
import type {Gate} from './gate.js'
import {market, symbolGates, timing} from './market.js'
import {places, sizes} from './room.js'
import {standing, watched} from './standing.js'

/** Every gate of admission, in the order in which they are asked: the first that refuses names the reason. */
export const gates: readonly Gate[] = [
	...standing,
	...exits,
	...watched,
	...market,
	...timing,
	...symbolGates,
	...places,
	...sizes,
]

/** Whether a gate is asked about plans of a class. */
export const applies = ({of}: Pick<Gate, 'of'>, planClass: string): boolean => of === 'ALL' || of === planClass
