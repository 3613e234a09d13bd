import type {Write} from '../bus/bus.js'
import {encodeEnvelope} from '../contracts/envelope.js'
import {encodeFields} from '../contracts/field.js'
import type {KeyParameters} from '../contracts/key.js'
import type {Naming} from '../contracts/naming.js'
import type {AnyUnit, EffectRequest, Emit, KeyWrite, Step} from '../contracts/unit.js'
import {idOf} from './identity.js'
import type {EffectRecord, Input} from './input.js'

export type Carried = {writes: Write[]; effects: EffectRecord[]}

const appendOf = (unit: AnyUnit, naming: Naming, input: Input, emit: Emit, ordinal: number, now_ms: number): Write => {
	const envelope = {
		id: emit.id ?? idOf(unit.name, input.identity, input.kind, input.port, ordinal),
		cause: input.kind === 'entry' || input.kind === 'result' ? input.entry.id : '',
		unit: unit.name,
		ts: now_ms,
		v: emit.stream.version,
		authority: emit.authority ?? input.entry.authority,
	}
	const length_max = emit.stream.criticality === 'telemetry' ? emit.stream.retention_max * 2 : undefined
	return {
		op: 'append',
		stream: naming.stream(emit.stream.name),
		fields: Object.assign(encodeEnvelope(envelope), encodeFields(emit.payload)),
		...(length_max !== undefined && {length_max}),
	}
}

const keyWriteOf = (naming: Naming, write: KeyWrite): Write => {
	const key = naming.key(write.key, write.parameters as KeyParameters<string>)
	const ttl = write.key.ttl_ms === undefined ? {} : {ttl_ms: write.key.ttl_ms}
	switch (write.kind) {
		case 'put-hash':
			return {op: 'put-hash', key, fields: write.fields, replace: write.replace, ...ttl}
		case 'put-string':
			return {op: 'put-string', key, value: write.value, ...ttl}
		case 'add-members':
			return {op: 'add-members', key, members: write.members, ...ttl}
		case 'remove-members':
			return {op: 'remove-members', key, members: write.members}
		case 'remove':
			return {op: 'remove', key}
	}
}

const effectOf = (input: Input, {port, idempotency_key, request}: EffectRequest): EffectRecord => ({
	port,
	idempotency_key,
	request,
	partition: input.partition,
	cause: input.entry.id,
	origin: input.identity,
	authority: input.entry.authority,
})

/** What a step wishes, as writes with resolved names, and the effects it asks for. */
export const carry = (unit: AnyUnit, naming: Naming, input: Input, step: Step<unknown>, now_ms: number): Carried => {
	const carried: Carried = {writes: [], effects: []}
	let ordinal = 0
	for (const wish of step.wishes ?? []) {
		if (wish.kind === 'emit') {
			carried.writes.push(appendOf(unit, naming, input, wish, ordinal, now_ms))
			ordinal += 1
		} else if (wish.kind === 'effect') carried.effects.push(effectOf(input, wish))
		else carried.writes.push(keyWriteOf(naming, wish))
	}
	return carried
}
