import {MemoryBus} from '../../src/engine/bus/memory-bus.js'
import {encodeEnvelope} from '../../src/engine/contracts/envelope.js'
import {encodeFields} from '../../src/engine/contracts/field.js'
import {keys} from '../../src/engine/contracts/keys.js'
import {Naming} from '../../src/engine/contracts/naming.js'
import {defaultPolicy} from '../../src/engine/contracts/policy.js'
import type {StreamContract} from '../../src/engine/contracts/stream.js'
import {exchangeNormalized} from '../../src/engine/contracts/streams/account.js'
import {applyPlan, governorEvents, tradeIntent} from '../../src/engine/contracts/streams/trade.js'
import type {AnyUnit} from '../../src/engine/contracts/unit.js'
import type {SendRequest, StepOutcome} from '../../src/engine/exchange/order-request.js'
import {exact, isZero, textOf} from '../../src/engine/logic/exact.js'
import type {Journal} from '../../src/engine/runtime/journal.js'
import {exposure} from '../engine/units/bridged.js'
import {fieldsOf, permissive, put} from '../engine/units/governed.js'
import {HandClock} from '../support/drive.js'
import {type How, LoggedVenue} from './logged-venue.js'
import {EVERYBODY, type Name, PORTS, type StoryStep, SYMBOLS, unitOf} from './steps.js'
import {type House, UnitProcess, type Waiting} from './unit-process.js'

export const POSITIONS_MAX = 2
export const NOTIONAL_MAX = 300
const PRICE = '100.1'
const policy = {
	...defaultPolicy,
	allowlist: SYMBOLS,
	positions_max: POSITIONS_MAX,
	cooldown_ms: 0,
	entries_per_hour_max: 1_000,
	entries_per_5m_max: 1_000,
	notional_per_trade_usdt: 200,
	notional_total_usdt: NOTIONAL_MAX,
	dust_usdt: 0,
}

/** What is wrong with the system under test, on purpose. */
export type Defect = Readonly<{unit?: (unit: AnyUnit) => AnyUnit; resends?: boolean}>

/** The order path from intent to settlement: real units on one bus, each a mortal process, before a venue with a log. */
export class World {
	readonly clock = new HandClock()
	readonly bus = new MemoryBus({now: () => this.clock.machine()})
	readonly naming = new Naming('test:')
	readonly venue: LoggedVenue
	/** What a unit needs that joins the others. */
	readonly house: House
	readonly processes: ReadonlyMap<Name, UnitProcess>
	/** What went in: intents, plans of exit controllers, and plans that nobody may ever carry out. */
	readonly intents: string[] = []
	readonly exits: string[] = []
	readonly forged: string[] = []
	#carried: Array<Readonly<{waiting: Waiting; outcomes: StepOutcome[]}>> = []
	#told = 0

	private constructor({unit: spoilt = unit => unit, resends}: Defect, journal: Journal | undefined) {
		this.venue = new LoggedVenue(SYMBOLS, PRICE, resends)
		this.house = {bus: this.bus, naming: this.naming, clock: this.clock, policy, ...(journal && {journal})}
		this.processes = new Map(EVERYBODY.map(name => [name, new UnitProcess(spoilt(unitOf(name)), this.house)]))
	}

	static async open(defect: Defect, journal?: Journal): Promise<World> {
		const world = new World(defect, journal)
		for (const {name} of new Set([...world.processes.values()].flatMap(({unit}) => Object.values(unit.reads))))
			for (const {unit} of world.processes.values())
				if (Object.values(unit.reads).some(stream => stream.name === name))
					await world.bus.ensureGroup(world.naming.stream(name), world.naming.group(unit.name, name))
		for (const process of world.processes.values()) await process.restart()
		await world.#refer('clusters', {bars: 96, open_ms: 1, clusters: {}, correlations: {}})
		await world.#refresh()
		return world
	}

	async take(what: StoryStep): Promise<void> {
		switch (what.do) {
			case 'handle': {
				const [name, port] = PORTS[what.port] ?? ['governor', 'plan']
				return this.#of(name).handle(port)
			}
			case 'intent':
				return this.#intend(what)
			case 'exit':
				return this.#exit(what)
			case 'carry-out':
				return this.#carryOut(what)
			case 'answer':
				return this.#answer()
			case 'flow':
				return this.flow()
			case 'trigger':
				this.venue.trigger(what.symbol, what.kind, what.parts)
				return this.#tell()
			case 'die':
				return this.#of(what.unit).restart(what)
			case 'pass':
				return this.pass(what.ms)
			case 'again':
				return this.#again(what.place)
			case 'forge':
				return this.#forge(what.symbol)
		}
	}

	/** Everybody handles what lies before them, and one order goes through. */
	async flow(): Promise<void> {
		for (const [name, port] of PORTS) await this.#of(name).handle(port)
		await this.#carryOut({parts: 1})
		await this.#answer()
	}

	async pass(ms: number): Promise<void> {
		this.clock.advance(ms)
		await this.#refresh()
		for (const name of ['governor', 'execution'] as const) await this.#of(name).timer('sweep')
	}

	/** Lets everything come to its end; nobody dies any more. */
	async settle(): Promise<void> {
		for (const process of this.processes.values()) await process.restart()
		for (let round = 0; round < 40; round += 1) {
			await this.flow()
			await this.pass(1_000)
		}
	}

	async entries({name}: StreamContract): Promise<ReadonlyArray<Readonly<Record<string, string>>>> {
		return (await this.bus.range(this.naming.stream(name), {count: 10_000})).map(({fields}) => fields)
	}

	get deaths(): number {
		return [...this.processes.values()].reduce((sum, {deaths}) => sum + deaths, 0)
	}

	async append(
		stream: StreamContract,
		id: string,
		unit: string,
		payload: Readonly<Record<string, unknown>>,
	): Promise<void> {
		const envelope = encodeEnvelope({id, cause: '', unit, ts: this.clock.venue(), v: 1, authority: 'live'})
		await this.bus.append(this.naming.stream(stream.name), {...envelope, ...encodeFields(payload)})
	}

	async #intend({symbol, side, action, position_size_usd}: Extract<StoryStep, {do: 'intent'}>): Promise<void> {
		const id = `intent-${this.intents.length + 1}`
		this.intents.push(id)
		const sized = {position_size_usd, confidence: 0.7, entry_price: PRICE, leverage: 3}
		await this.append(tradeIntent, id, 'trading-bot', {symbol, side, action, ...sized})
	}

	/** A controller closes what it believes is open. */
	async #exit({symbol, unit, half}: Extract<StoryStep, {do: 'exit'}>): Promise<void> {
		const {amount = '0'} = await fieldsOf(this, keys.positionSnapshot, {symbol})
		if (isZero(amount)) return
		const plan_id = `exit-${this.exits.length + 1}-x`
		this.exits.push(plan_id)
		const plan = {plan_id, symbol, side: amount.startsWith('-') ? 'BUY' : 'SELL', source: unit, reason: 'test'}
		const size = half
			? {action: 'PARTIAL_CLOSE_50'}
			: {action: 'FULL_CLOSE_PROPOSED', quantity: textOf(exact(amount).abs())}
		await this.append(applyPlan, `x${plan_id}`, unit, {...plan, ...size})
	}

	/** A verdict that was given comes once more, under another id. */
	async #again(place: number): Promise<void> {
		const allowed = (await this.entries(governorEvents)).filter(({verdict}) => verdict === 'ALLOW')
		const old = allowed.at(-1 - place)
		this.#told += 1
		if (old) await this.bus.append(this.naming.stream(governorEvents.name), {...old, id: `again-${this.#told}`})
	}

	/** Somebody who can write to Redis lets himself in: a verdict, its permit, and free slots. */
	async #forge(symbol: string): Promise<void> {
		const plan_id = `forged-${this.forged.length + 1}`
		this.forged.push(plan_id)
		const deadline_ms = String(this.clock.venue() + 60_000)
		const plan = {
			plan_id,
			symbol,
			action: 'OPEN',
			side: 'BUY',
			notional_usdt: '100',
			reference_price: PRICE,
			source: 'hand',
		}
		const permit = {verdict: 'ALLOW', reason: 'ALLOW', state: 'ISSUED', class: 'ENTRY', symbol, epoch: '7'}
		await put(this, keys.permit, {plan_id}, {...permit, notional_micro: '100000000', deadline_ms})
		await put(this, keys.availableSlots, {}, '99')
		const words = {
			plan_id,
			symbol,
			verdict: 'ALLOW',
			reason: 'ALLOW',
			notional_usdt: '100',
			quote_price: PRICE,
			epoch: '7',
		}
		await this.append(governorEvents, `by-hand-${plan_id}`, 'hand', {
			...words,
			deadline_ms,
			plan: JSON.stringify(plan),
		})
	}

	/** The next request that waits is carried out; nobody knows it yet but the venue. */
	async #carryOut(how: How): Promise<void> {
		const sender = this.#of('apply-layer')
		const known = new Set(this.#carried.map(({waiting}) => waiting))
		const waiting = sender.effects.find(one => !known.has(one))
		if (!waiting) return
		const outcomes = this.venue.perform(waiting.record.request as SendRequest, waiting.recovered, how)
		await this.#tell()
		if (outcomes) this.#carried.push({waiting, outcomes})
		else await sender.restart()
	}

	/** The oldest answer reaches the sender, unless the one who asked is no more: then it is lost. */
	async #answer(): Promise<void> {
		const sender = this.#of('apply-layer')
		this.#carried = this.#carried.filter(({waiting}) => sender.effects.includes(waiting))
		const [first] = this.#carried.splice(0, 1)
		if (!first) return
		sender.effects = sender.effects.filter(one => one !== first.waiting)
		await sender.answer(first.waiting, {ok: true, result: {outcomes: first.outcomes, latency_ms: 1}})
	}

	async #tell(): Promise<void> {
		for (const event of this.venue.events()) {
			this.#told += 1
			await this.append(exchangeNormalized, `event-${this.#told}`, 'exchange-stream-bridge', event)
		}
	}

	async #refresh(): Promise<void> {
		await permissive(this, SYMBOLS)
		// Reconciliation compares with the venue: while news of a fill is late, it is not clean, and nothing is admitted.
		const same = await Promise.all(
			SYMBOLS.map(async symbol => {
				const {amount = '0'} = await fieldsOf(this, keys.positionSnapshot, {symbol})
				return exact(amount).eq(this.venue.position(symbol))
			}),
		)
		if (same.includes(false))
			await put(this, keys.reconcileLast, {}, {outcome: 'DRIFT', machine_ms: String(this.clock.machine())})
		await this.#refer('state', exposure)
	}

	/** Reference data of the first gate. */
	async #refer(port: string, payload: Readonly<Record<string, unknown>>): Promise<void> {
		const stream = unitOf('portfolio-gate').reads[port]
		this.#told += 1
		if (stream) await this.append(stream, `reference-${this.#told}`, 'test', payload)
		await this.#of('portfolio-gate').handle(port)
	}

	#of(name: Name): UnitProcess {
		const process = this.processes.get(name)
		if (!process) throw new Error(`${name} does not run`)
		return process
	}
}
