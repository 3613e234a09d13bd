import type {Write} from '../bus/bus.js'
import type {EffectRecord, Input} from './input.js'
import type {JournalInput} from './journal.js'

/** What has been handled and not committed yet: it happens at once, or not at all. */
export type OpenStep = {
	readonly inputs: JournalInput[]
	readonly writes: Write[]
	readonly effects: EffectRecord[]
	/** Stream ids to acknowledge by port, in the order of the stream. */
	readonly acknowledge: Map<string, string[]>
	readonly states: Map<string, unknown>
	/** The effect whose result this step handles. */
	settled?: EffectRecord
}

export const emptyStep = (): OpenStep => ({
	inputs: [],
	writes: [],
	effects: [],
	acknowledge: new Map(),
	states: new Map(),
})

export const owe = (step: OpenStep, port: string, id: string): void => {
	const ids = step.acknowledge.get(port)
	if (ids) ids.push(id)
	else step.acknowledge.set(port, [id])
}

/** The name of an effect among those of its unit. */
export const effectName = ({port, idempotency_key}: Pick<EffectRecord, 'port' | 'idempotency_key'>): string =>
	`${port}/${idempotency_key}`

export const recorded = ({kind, port, partition, event, identity, raw, record}: Input): JournalInput => {
	if (raw) return {kind: 'entry', port, ...raw}
	if (record) return {kind: 'result', record, outcome: event as Extract<JournalInput, {kind: 'result'}>['outcome']}
	return kind === 'timer' ? {kind, port, partition, identity} : {kind: 'feed', port, event, identity}
}
