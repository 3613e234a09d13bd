import {encodeFields} from '../contracts/field.js'
import type {KeyContract} from '../contracts/key.js'
import type {Mode} from '../contracts/mode.js'
import type {Policy} from '../contracts/policy.js'
import type {AnyUnit, Context, EffectRequest, Emit, KeyWrite} from '../contracts/unit.js'
import type {Input} from './input.js'

type Ports = Pick<Context<Record<never, never>, Record<never, never>, Record<never, never>>, 'emit' | 'key' | 'effect'>
type Parameters = Readonly<Record<string, string>>

const keyWriter = (key: KeyContract) => ({
	put: (parameters: Parameters, value: string | Readonly<Record<string, unknown>>, {replace = false} = {}): KeyWrite =>
		typeof value === 'string'
			? {kind: 'put-string', key, parameters, value}
			: {kind: 'put-hash', key, parameters, fields: encodeFields(value), replace},
	add: (parameters: Parameters, members: readonly string[]): KeyWrite => ({
		kind: 'add-members',
		key,
		parameters,
		members,
	}),
	drop: (parameters: Parameters, members: readonly string[]): KeyWrite => ({
		kind: 'remove-members',
		key,
		parameters,
		members,
	}),
	remove: (parameters: Parameters): KeyWrite => ({kind: 'remove', key, parameters}),
})

/** The wish constructors of a unit, made once. */
export const portsOf = (unit: AnyUnit): Ports => {
	const emit = Object.fromEntries(
		Object.entries(unit.writes).map(([port, stream]) => [
			port,
			(payload: Record<string, unknown>, options: Pick<Emit, 'authority' | 'id'> = {}): Emit => ({
				kind: 'emit',
				stream,
				payload,
				...options,
			}),
		]),
	)
	const key = Object.fromEntries(Object.entries(unit.keys).map(([port, contract]) => [port, keyWriter(contract)]))
	const effect = Object.fromEntries(
		Object.keys(unit.effects ?? {}).map(port => [
			port,
			(idempotency_key: string, request: unknown): EffectRequest => ({kind: 'effect', port, idempotency_key, request}),
		]),
	)
	return {emit, key, effect}
}

export type Now = Readonly<{now_ms: number; machine_ms: number; speed: number}>

export type Settings = Readonly<{policy: Policy; mode: Mode}>

/** What a handler may know besides its state and the event. A class: one is made for every input. */
export class HandlerContext {
	readonly emit
	readonly key
	readonly effect
	readonly now_ms: number
	readonly machine_ms: number
	readonly speed: number
	readonly policy: Policy
	readonly mode: Mode
	readonly partition: string
	readonly entry: Input['entry']

	constructor(ports: Ports, {policy, mode}: Settings, {now_ms, machine_ms, speed}: Now, {partition, entry}: Input) {
		this.emit = ports.emit
		this.key = ports.key
		this.effect = ports.effect
		this.now_ms = now_ms
		this.machine_ms = machine_ms
		this.speed = speed
		this.policy = policy
		this.mode = mode
		this.partition = partition
		this.entry = entry
	}
}

type Handler = (state: unknown, event: unknown, context: unknown) => ReturnType<AnyUnit['on'][string]>

/** The handler of an input: by kind and port. */
export const handlerOf = (unit: AnyUnit, {kind, port}: Pick<Input, 'kind' | 'port'>): Handler => {
	const table = {entry: unit.on, feed: unit.onFeed, result: unit.onResult, timer: unit.onTimer}[kind] as
		| Readonly<Record<string, Handler>>
		| undefined
	const handler = table?.[port]
	if (!handler) throw new Error(`Unit ${unit.name} has no handler for ${kind} ${port}`)
	return kind === 'timer'
		? (state, _, context) =>
				(handler as unknown as (state: unknown, context: unknown) => ReturnType<Handler>)(state, context)
		: handler
}
