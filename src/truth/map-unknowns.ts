import {code} from '../engine/logic/markdown.js'
import {keyList, streams} from '../engine/registry.js'
import {auditFacts, FINDING_COLUMNS, foundRows, MAP_RULES} from './audited.js'
import {readersOfKey} from './declared.js'
import type {Section} from './document.js'
import type {Observed} from './observed.js'

const shownBy = (name: string): string => code(`qt registry show ${name}`)

const declaredUnknowns = (): readonly (readonly string[])[] => [
	...streams.flatMap(({name, pending = {}}) =>
		Object.entries(pending).map(([end, unit]) => [code(name), `no ${end} yet: ${unit} is to come`, shownBy(name)]),
	),
	...keyList
		.filter(key => readersOfKey(key).length === 0)
		.map(({pattern}) => [code(pattern), 'no unit declares that it reads it', shownBy(`'${pattern}'`)]),
]

/** What is not known, or has an end that nobody holds. */
export const unknownsSection = (observed?: Observed): Section => ({
	id: 'unknowns',
	heading: 'Unknowns',
	level: 2,
	observed: auditFacts('what is in Redis and not as declared', observed, MAP_RULES),
	table: {columns: FINDING_COLUMNS, rows: [...declaredUnknowns(), ...foundRows(observed, MAP_RULES)]},
})
