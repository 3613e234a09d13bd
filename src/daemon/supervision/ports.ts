import {createServer} from 'node:net'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {readPorts} from '../system/unit-ports.js'
import {writeFileAtomically} from './atomic-file.js'
import {describeHolder, holderOfPort} from './port-holder.js'

/** Draws for one ephemeral port; on a machine with most of the range taken, something else is wrong. */
const drawsMax = 200
/** Steps from a base port to the next free one. */
const stepsMax = 2_000

/**
 * Ephemeral ports are drawn below the range from which the kernel takes ports
 * for outgoing connections (32768 up on Linux, 49152 on macOS): a port of ours
 * that is free for a moment during a restart is not given away meanwhile.
 */
const drawnFrom = 10_000
const drawnBelow = 32_768

/** Nobody listens on the port on the loopback interface or on all of them. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
	return new Promise((resolve, reject) => {
		const server = createServer()
		server.once('error', (error: NodeJS.ErrnoException) => {
			if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
			else reject(error)
		})
		server.listen({port, host, exclusive: true}, () => server.close(() => resolve(true)))
	})
}

/** @throws OperatorError (refused) naming who listens on the port. */
export async function requireFreePort(port: number, wantedFor: string): Promise<void> {
	if (await isPortFree(port)) return
	throw new OperatorError(`port ${port}, wanted for ${wantedFor}, is taken by ${describeHolder(holderOfPort(port))}`, {
		exit_code: EXIT_CODES.refused,
		hint: 'end that process, or move the port base',
	})
}

async function drawPort(taken: ReadonlySet<number>, chance: () => number): Promise<number> {
	for (let draw = 0; draw < drawsMax; draw += 1) {
		const port = drawnFrom + Math.floor(chance() * (drawnBelow - drawnFrom))
		if (!taken.has(port) && (await isPortFree(port))) return port
	}
	throw new OperatorError(`no free port found between ${drawnFrom} and ${drawnBelow} in ${drawsMax} draws`, {
		hint: 'see what holds them: ss -ltnp',
	})
}

async function nextPort(from: number, taken: ReadonlySet<number>): Promise<number> {
	for (let port = from; port < Math.min(from + stepsMax, 65_536); port += 1) {
		if (!taken.has(port) && (await isPortFree(port))) return port
	}
	throw new OperatorError(`no free port from ${from} on in ${stepsMax} steps`, {hint: 'move the port base'})
}

export interface PortChoice {
	/** Draws in [0, 1). Default Math.random. */
	chance?: () => number
	/** A remembered ephemeral port that is taken is chosen anew, unless its holder is ours by this answer. Default: kept. */
	isOurs?: (name: string, port: number) => boolean
}

/**
 * A port for each name, the same as last time where `file` remembers one. New
 * names get the next free port from `base` on, in the order given, or a drawn
 * one. Changing the base moves every port that is below it.
 */
export async function allocatePorts(
	names: readonly string[],
	base: number | 'ephemeral',
	file: string,
	{chance = Math.random, isOurs = () => true}: PortChoice = {},
): Promise<Record<string, number>> {
	const remembered = readPorts(file)
	const ports: Record<string, number> = {}
	for (const name of names) {
		const port = remembered[name]
		if (port === undefined || (base !== 'ephemeral' && (port < base || port >= base + stepsMax))) continue
		if (base === 'ephemeral' && !isOurs(name, port) && !(await isPortFree(port))) continue
		ports[name] = port
	}
	const taken = new Set([...Object.values(remembered), ...Object.values(ports)])
	for (const name of names.filter(name => ports[name] === undefined)) {
		const port = base === 'ephemeral' ? await drawPort(taken, chance) : await nextPort(base, taken)
		ports[name] = port
		taken.add(port)
	}
	const merged = {...remembered, ...ports}
	if (JSON.stringify(merged) !== JSON.stringify(remembered))
		writeFileAtomically(file, `${JSON.stringify(merged, null, '\t')}\n`)
	return ports
}
