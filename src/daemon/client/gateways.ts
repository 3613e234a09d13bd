import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {keys} from '../../engine/contracts/keys.js'
import {CLIENT_LIMITS} from './client-limits.js'
import type {Home} from './home.js'
import {hostsAlive} from './hosts.js'
import type {State} from './state.js'

/** What a gateway last reported, and whether a process runs it. */
export type GatewayReport = Readonly<{
	name: string
	epoch: number
	in_flight: number
	symbols_in_flight: readonly string[]
	/** Machine time, ms. */
	reported_ms: number
}>

export type GatewayProof = Readonly<{ok: boolean; detail: string; gateways: readonly GatewayReport[]}>

/** What proof of the gateways says about the venue. */
export type GatewaysProven = GatewayProof &
	Readonly<{
		/** A process runs a gateway. */
		lives: boolean
		/** Nothing that any gateway sent can still reach the venue. */
		certain: boolean
	}>

const SCAN_COUNT = 500

/** A host process that holds the sender of orders. */
export type Sender = Readonly<{
	host: string
	/** Orders on their way or waiting to be sent; undefined when the process accepts and does not answer. */
	in_flight: number | undefined
}>

/** Whether a process that does not answer may hold the sender: unless what it was started with says otherwise. */
const mayHoldSender = (home: Home, process: string): boolean => {
	try {
		const {units} = JSON.parse(readFileSync(join(home.run, `${process}.config.json`), 'utf8')) as {units?: unknown}
		return !Array.isArray(units) || units.includes(keys.gatewayEpoch.owner)
	} catch {
		return true
	}
}

/** Host processes that hold the sender of orders, as far as is known. */
export const sendersAlive = async (home: Home): Promise<readonly Sender[]> =>
	(await hostsAlive(home)).flatMap(({process, health}): readonly Sender[] => {
		if (!health) return mayHoldSender(home, process) ? [{host: process, in_flight: undefined}] : []
		const sender = health.units.find(({name}) => name === keys.gatewayEpoch.owner)
		return sender ? [{host: process, in_flight: sender.effects_in_flight}] : []
	})

/** All gateways that have ever reported. */
export const readGateways = async ({bus, naming}: State): Promise<readonly GatewayReport[]> => {
	const prefix = naming.key(keys.gatewayEpoch, {gateway: '*'})
	const found = new Set<string>()
	let cursor = '0'
	do {
		const [next, names] = await bus.redis.scan(cursor, 'MATCH', prefix, 'COUNT', SCAN_COUNT)
		for (const name of names) found.add(name)
		cursor = next
	} while (cursor !== '0')
	const reports = await Promise.all(
		[...found].sort().map(async key => ({name: key.slice(prefix.length - 1), fields: await bus.hashAll(key)})),
	)
	return reports.map(({name, fields}) => ({
		name,
		epoch: Number(fields.epoch ?? Number.NaN),
		in_flight: Number(fields.in_flight ?? Number.NaN),
		symbols_in_flight: (fields.symbols_in_flight ?? '').split(' ').filter(symbol => symbol !== ''),
		reported_ms: Number(fields.machine_ms ?? fields.time_ms ?? 0),
	}))
}

const describe = ({name, epoch, in_flight, symbols_in_flight: symbols}: GatewayReport): string =>
	`${name}: epoch ${epoch}, ${in_flight} in flight${symbols.length > 0 ? ` (${symbols.join(', ')})` : ''}`

const reported = async (state: State, senders: readonly Sender[], epoch: number): Promise<GatewayProof> => {
	const gateways = await readGateways(state)
	const behind = gateways.filter(report => !(report.epoch >= epoch) || report.in_flight !== 0)
	if (gateways.length === 0) {
		const names = senders.map(({host}) => host).join(', ')
		return {ok: false, detail: `${names} has reported no epoch`, gateways}
	}
	if (behind.length === 0) return {ok: true, detail: gateways.map(describe).join('; '), gateways}
	const deaf = behind.some(report => !(report.epoch >= epoch))
	const missing = deaf ? `epoch ${epoch} is not seen by` : 'what became of orders on their way is not known yet to'
	return {ok: false, detail: `${missing} ${behind.map(describe).join('; ')}`, gateways}
}

/** Without Redis the arm file fences each gateway as a request leaves; what counts is that none is on its way. */
const idle = (senders: readonly Sender[]): GatewayProof => {
	const busy = senders.filter(({in_flight}) => in_flight !== 0)
	const names = senders.map(({host}) => host).join(', ')
	if (busy.length === 0) return {ok: true, detail: `${names}: fenced by the arm file, nothing in flight`, gateways: []}
	const detail = busy.map(
		({host, in_flight}) => `${host}: ${in_flight === undefined ? 'no answer' : `${in_flight} in flight`}`,
	)
	return {ok: false, detail: `Redis cannot be asked; ${detail.join('; ')}`, gateways: []}
}

const proofOf = async (senders: readonly Sender[], state: State | undefined, epoch: number): Promise<GatewayProof> => {
	if (senders.length === 0) return {ok: true, detail: 'no process runs a gateway', gateways: []}
	return state ? reported(state, senders, epoch) : idle(senders)
}

type Proving = Readonly<{
	home: Home
	state: State | undefined
	epoch: number
	/** Told what is waited for, whenever that changes. */
	onWait?: ((what: string) => void) | undefined
}>

/** Looks until it is proven or the time is up; `silent` are then the senders that answered at no look. */
const awaitProof = async (
	{home, state, epoch, onWait}: Proving,
	within_ms: number,
): Promise<GatewayProof & {lives: boolean; silent: readonly string[]}> => {
	const deadline = performance.now() + within_ms
	let silent: readonly string[] | undefined
	let told = ''
	for (;;) {
		const senders = await sendersAlive(home)
		const {ok, detail, gateways} = await proofOf(senders, state, epoch)
		const lives = senders.length > 0
		const unanswered = senders.filter(({in_flight}) => in_flight === undefined).map(({host}) => host)
		silent = unanswered.filter(host => silent === undefined || silent.includes(host))
		if (ok) return {ok, detail, gateways, lives, silent: []}
		if (performance.now() >= deadline)
			return {ok, detail: `not within ${within_ms} ms: ${detail}`, gateways, lives, silent}
		if (detail !== told) onWait?.(detail)
		told = detail
		await pause(CLIENT_LIMITS.poll_ms / 2)
	}
}

/**
 * Waits until no gateway can send under an epoch below `epoch`: each has reported it with nothing in flight, or no
 * process runs one. One that never answered in this time is stopped or wedged and is ended: the next starts killed.
 */
export const proveGateways = async (
	proving: Proving,
	within_ms: number = CLIENT_LIMITS.gateways_ms,
): Promise<GatewaysProven> => {
	const {silent, ...first} = await awaitProof(proving, within_ms)
	if (first.ok || silent.length === 0) return {...first, certain: first.ok}
	const {endHosts} = await import('./end-hosts.js')
	const ended = await endHosts(proving.home, silent)
	if (ended.length === 0) return {...first, certain: false}
	const {ok, detail, gateways, lives} = await awaitProof(proving, within_ms)
	const told = `${ended.join(', ')} did not answer and was ended; ${detail}`
	return {ok, detail: told, gateways, lives, certain: false}
}
