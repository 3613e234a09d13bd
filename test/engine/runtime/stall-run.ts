import {setTimeout as pause} from 'node:timers/promises'
import type {Bus, Entry} from '../../../src/engine/bus/bus.js'
import {encodeEnvelope} from '../../../src/engine/contracts/envelope.js'
import {encodeFields, type Fields} from '../../../src/engine/contracts/field.js'
import {keys} from '../../../src/engine/contracts/keys.js'
import {Naming} from '../../../src/engine/contracts/naming.js'
import {defaultPolicy} from '../../../src/engine/contracts/policy.js'
import {anyUnit} from '../../../src/engine/contracts/unit.js'
import type {UnitAdapters} from '../../../src/engine/runtime/adapters.js'
import type {Clock} from '../../../src/engine/runtime/clock.js'
import {type LoopOptions, UnitLoop} from '../../../src/engine/runtime/unit-loop.js'
import {eventually} from '../../support/eventually.js'
import {type Bell, marketStall, notices, orders, totals} from './market-stall.js'

export const VENUE_MS = 1_750_000_000_000

/** Venue time stands still unless moved; waiting takes a hundredth of what it says. */
export class QuickClock implements Clock {
	constructor(
		public venue_ms = VENUE_MS,
		private readonly haste = 100,
	) {}
	venue(): number {
		return this.venue_ms
	}
	machine(): number {
		return Date.now()
	}
	speed(): number {
		return 1
	}
	async wait(ms: number, signal: AbortSignal): Promise<void> {
		await pause(ms / this.haste, undefined, {signal}).catch(() => undefined)
	}
}

export type Order = Readonly<{symbol: string; what: string; n: number}>

/** The fields of the n-th order: its envelope id follows from its place. */
export const orderFields = (order: Readonly<Record<string, unknown>>, place: number): Fields => ({
	...encodeEnvelope({id: `order-${place}`, cause: '', unit: 'test', ts: VENUE_MS, v: 1, authority: 'live'}),
	...encodeFields(order),
})

/** Bells that nobody hears: the request comes back as text. */
export const ringing = (perform?: UnitAdapters['effects'][string]['perform']): UnitAdapters => ({
	feeds: {till: idle, screen: idle},
	effects: {ring: {perform: perform ?? (async request => `rung ${(request as Bell).n}`)}},
})
const idle: UnitAdapters['feeds'][string] = {
	run: (_, signal) =>
		new Promise(resolve => {
			if (signal.aborted) resolve()
			signal.addEventListener('abort', () => resolve(), {once: true})
		}),
}

export const loopOf = (bus: Bus, naming: Naming, options: Partial<LoopOptions> = {}): UnitLoop =>
	new UnitLoop({
		unit: anyUnit(marketStall),
		bus,
		naming,
		clock: new QuickClock(),
		policy: defaultPolicy,
		mode: 'PAPER',
		host: 'test',
		adapters: ringing(),
		...options,
	})

/** Whether everything given to the unit has been handled, effects included. */
export const isDone = async (bus: Bus, naming: Naming): Promise<boolean> => {
	const {name} = marketStall
	for (const stream of Object.values(marketStall.reads)) {
		const {undelivered, pending} = await bus.backlog(naming.stream(stream.name), naming.group(name, stream.name))
		if (undelivered !== 0 || pending !== 0) return false
	}
	// Looked at last: an entry that is acknowledged has left its effects behind in the same step.
	return Object.keys(await bus.hashAll(naming.key(keys.unitEffects, {unit: name}))).length === 0
}

/** Runs a loop until everything has been handled, then stops it; rejects as the loop does. */
export const runUntilDone = async (loop: UnitLoop, bus: Bus, naming: Naming): Promise<void> => {
	const stop = new AbortController()
	const running = loop.run(stop.signal)
	const done = eventually(() => loop.ready && isDone(bus, naming), {
		within_ms: 20_000,
		every_ms: 3,
		what: 'all is handled',
	})
	try {
		await Promise.race([running, done])
	} finally {
		stop.abort()
		done.catch(() => undefined)
		await running
	}
}

const entriesOf = (bus: Bus, naming: Naming, name: string): Promise<readonly Entry[]> =>
	bus.range(naming.stream(name), {count: 100_000})

export type Outcome = Readonly<{
	totals: readonly Fields[]
	/** Results come in any order. */
	notices: readonly Fields[]
	dead: readonly Fields[]
	state: Fields
	board: Fields
}>

/** Everything that the unit has brought about. */
export const outcomeOf = async (bus: Bus, naming: Naming): Promise<Outcome> => {
	const fieldsOf = async (name: string) => (await entriesOf(bus, naming, name)).map(({fields}) => fields)
	// Stream ids, prefixes and the number of deliveries are the run's own.
	const dead = (await fieldsOf('dead.letter')).map(({entry_id, deliveries, group, id, ...fields}) => fields)
	const byId = (a: Fields, b: Fields) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1)
	return {
		totals: await fieldsOf(totals.name),
		notices: (await fieldsOf(notices.name)).toSorted(byId),
		dead,
		state: await bus.hashAll(naming.key(keys.unitState, {unit: marketStall.name})),
		board: await bus.hashAll(`${naming.prefix}board:AAA`),
	}
}

/** Puts the orders on their stream. */
export const place = async (
	bus: Bus,
	naming: Naming,
	wanted: ReadonlyArray<Readonly<Record<string, unknown>>>,
	from = 0,
): Promise<void> => {
	for (const [index, order] of wanted.entries())
		await bus.append(naming.stream(orders.name), orderFields(order, from + index))
}

export const inMemory = {
	now: Date.now,
	after: (ms: number, callback: () => void) => {
		const timer = setTimeout(callback, ms)
		return () => clearTimeout(timer)
	},
}

let runs = 0
/** Names of its own for one run on a shared server. */
export const freshNaming = (): Naming => {
	runs += 1
	return new Naming(`run${runs}:`)
}
