import {readFileSync} from 'node:fs'
import {z} from 'zod'
import {units} from '../../engine/registry.js'
import type {Home} from './home.js'

/** The venue has no port in the catalogue: it follows the units' range. */
const VENUE_PORT = 8090

/** Ports of the catalogue, by unit. */
export const CATALOGUE_PORTS: Readonly<Record<string, number>> = {
	...Object.fromEntries(units.flatMap(({name, port}) => (port === undefined ? [] : [[name, port]]))),
	'paper-exchange': VENUE_PORT,
}

const portsSchema = z.record(z.string(), z.int().min(1).max(65_535))

/** The catalogue's ports moved by an offset. */
export const movedPorts = (offset: number): Readonly<Record<string, number>> =>
	Object.fromEntries(Object.entries(CATALOGUE_PORTS).map(([name, port]) => [name, port + offset]))

/**
 * The ports of a home as its daemon takes them, without choosing any: those of the catalogue, or those drawn before.
 * @throws Error when the file of drawn ports cannot be read as one
 */
export const declaredPorts = (home: Home, ports: number | 'ephemeral'): Readonly<Record<string, number>> => {
	if (ports !== 'ephemeral') return movedPorts(ports)
	let text: string
	try {
		text = readFileSync(home.ports, 'utf8')
	} catch {
		// Drawn at the first start.
		return {}
	}
	return portsSchema.parse(JSON.parse(text))
}
