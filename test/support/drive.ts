import {MemoryBus} from '../../src/engine/bus/memory-bus.js'
import {type Envelope, encodeEnvelope} from '../../src/engine/contracts/envelope.js'
import {encodeFields, type Fields} from '../../src/engine/contracts/field.js'
import {Naming} from '../../src/engine/contracts/naming.js'
import {defaultPolicy, type Policy} from '../../src/engine/contracts/policy.js'
import type {StreamContract} from '../../src/engine/contracts/stream.js'
import {anyUnit, type EffectOutcome} from '../../src/engine/contracts/unit.js'
import type {Clock} from '../../src/engine/runtime/clock.js'
import {idOf} from '../../src/engine/runtime/identity.js'
import type {EffectRecord} from '../../src/engine/runtime/input.js'
import {UnitRunner} from '../../src/engine/runtime/unit-runner.js'

/** A clock that moves only when told. */
export class HandClock implements Clock {
	constructor(
		public venue_ms = 1_750_000_000_000,
		public machine_ms = 1_750_000_000_000,
		public times = 1,
	) {}
	venue(): number {
		return this.venue_ms
	}
	machine(): number {
		return this.machine_ms
	}
	speed(): number {
		return this.times
	}
	advance(ms: number): void {
		this.venue_ms += ms
		this.machine_ms += ms
	}
	async wait(ms: number): Promise<void> {
		this.advance(ms)
	}
}

export type Emitted = Readonly<{
	stream: string
	envelope: Partial<Envelope>
	payload: Record<string, unknown>
	fields: Fields
}>

/** Drives one unit over an in-memory bus, exactly as its host does, one event at a time. */
export const drive = async (
	unit_: unknown,
	options: {policy?: Partial<Policy>; clock?: HandClock; bus?: MemoryBus} = {},
) => {
	const unit = anyUnit(unit_)
	const clock = options.clock ?? new HandClock()
	const bus = options.bus ?? new MemoryBus({now: () => clock.machine()})
	const naming = new Naming('test:')
	const effects: EffectRecord[] = []
	const policy = {...defaultPolicy, ...options.policy}
	const runner = new UnitRunner({
		unit,
		bus,
		naming,
		clock,
		policy,
		mode: 'PAPER',
		host: 'test',
		dispatch: records => effects.push(...records),
	})
	const recovered = await runner.start()
	const cursor = new Map<string, string>()
	let sequence = 0

	const collect = async (): Promise<Emitted[]> => {
		const emitted: Emitted[] = []
		for (const stream of [...new Set(Object.values(unit.writes) as StreamContract[])]) {
			const name = naming.stream(stream.name)
			const entries = await bus.range(name, {count: 10_000})
			const seen = cursor.get(name)
			const fresh = seen === undefined ? entries : entries.slice(entries.findIndex(({id}) => id === seen) + 1)
			const last = entries.at(-1)
			if (last) cursor.set(name, last.id)
			for (const {fields} of fresh) {
				const {id = '', cause = '', unit: writer = '', ts = '0', v = '1', authority} = fields
				emitted.push({
					stream: stream.name,
					// Parsing proves that what was emitted keeps the contract.
					payload: stream.payload.parse(fields) as Record<string, unknown>,
					envelope: {
						id,
						cause,
						unit: writer,
						ts: Number(ts),
						v: Number(v),
						authority: authority === 'shadow' ? 'shadow' : 'live',
					},
					fields,
				})
			}
		}
		return emitted
	}

	return {
		bus,
		naming,
		clock,
		runner,
		effects,
		recovered,
		/** Appends an entry to the stream of a port and handles it; answers with what the unit emitted. */
		async send(
			port: string,
			payload: Readonly<Record<string, unknown>>,
			envelope: Partial<Envelope> = {},
		): Promise<Emitted[]> {
			const stream = unit.reads[port]
			if (!stream) throw new Error(`${unit.name} does not read ${port}`)
			sequence += 1
			const full: Envelope = {
				id: idOf('test', port, sequence),
				cause: '',
				unit: 'test',
				ts: clock.venue(),
				v: 1,
				authority: 'live',
				...envelope,
			}
			return this.sendFields(port, {...encodeEnvelope(full), ...encodeFields(payload)})
		},
		/** The same with raw fields, as written by hand. */
		async sendFields(port: string, fields: Fields): Promise<Emitted[]> {
			const stream = unit.reads[port]
			if (!stream) throw new Error(`${unit.name} does not read ${port}`)
			await bus.append(naming.stream(stream.name), fields)
			return this.handle(port)
		},
		/** Handles what others have appended to the stream of a port. */
		async handle(port: string): Promise<Emitted[]> {
			const stream = unit.reads[port]
			if (!stream) throw new Error(`${unit.name} does not read ${port}`)
			const name = naming.stream(stream.name)
			const entries = await bus.read({
				stream: name,
				group: naming.group(unit.name, stream.name),
				consumer: naming.consumer('test', unit.name, 0),
				count: 128,
			})
			await runner.entries(port, entries)
			return collect()
		},
		async feed(port: string, ...events: readonly unknown[]): Promise<Emitted[]> {
			await runner.feed(port, events)
			return collect()
		},
		async timer(port: string): Promise<Emitted[]> {
			await runner.timer(port)
			return collect()
		},
		/** Answers the oldest effect that waits on this port. */
		async result(port: string, outcome: {ok: true; result: unknown} | {ok: false; error: string}): Promise<Emitted[]> {
			const index = effects.findIndex(record => record.port === port)
			const [record] = index === -1 ? [] : effects.splice(index, 1)
			if (!record) throw new Error(`${unit.name} has no effect waiting on ${port}`)
			const {idempotency_key, request} = record
			await runner.result(record, {...outcome, idempotency_key, request} as EffectOutcome<unknown>)
			return collect()
		},
	}
}
