import {readFileSync} from 'node:fs'
import {z} from 'zod'
import {isMissing, OperatorError} from '../../engine/errors.js'
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

/**
 * Ports by name, as they were chosen at the first start; none before it.
 * @throws OperatorError naming a file that holds something else
 */
export const readPorts = (file: string): Readonly<Record<string, number>> => {
	let text: string
	try {
		text = readFileSync(file, 'utf8')
	} catch (error) {
		if (isMissing(error)) return {}
		throw error
	}
	try {
		return portsSchema.parse(JSON.parse(text))
	} catch (cause) {
		throw new OperatorError(`${file} does not hold ports by name`, {
			cause,
			hint: `remove ${file}: ports are chosen anew`,
		})
	}
}

/** The catalogue's ports moved by an offset. */
export const movedPorts = (offset: number): Readonly<Record<string, number>> =>
	Object.fromEntries(Object.entries(CATALOGUE_PORTS).map(([name, port]) => [name, port + offset]))

/**
 * The ports of a home as its daemon takes them, without choosing any: those of the catalogue, or those drawn before.
 * @throws OperatorError when the file of drawn ports does not hold any
 */
export const declaredPorts = (home: Home, ports: number | 'ephemeral'): Readonly<Record<string, number>> => {
	return ports === 'ephemeral' ? readPorts(home.ports) : movedPorts(ports)
}
