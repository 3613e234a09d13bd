import {matchPattern} from '../engine/contracts/key.js'
import type {Declared, DeclaredKey, Retired} from './declared.js'

/** An id is what its author says: a colon in it parts nothing. */
const FREE = /\{id\}$/

const fits = (pattern: string, name: string): boolean => {
	if (matchPattern(pattern, name)) return true
	if (!FREE.test(pattern)) return false
	const [head = ''] = pattern.split('{')
	const parts = pattern.slice(head.length).split(':').length - 1
	return name.startsWith(head) && name.slice(head.length).split(':').length > parts
}

/** The contract of a key by its name without the prefix: of a pattern without parameters rather than of one with them. */
export const contractOf = ({keys}: Pick<Declared, 'keys'>, name: string): DeclaredKey | undefined =>
	keys.find(({pattern}) => pattern === name) ?? keys.find(({pattern}) => fits(pattern, name))

export const retiredAs = ({retired}: Pick<Declared, 'retired'>, name: string): Retired | undefined =>
	retired.keys.find(({name: pattern}) => fits(pattern, name))
