import type {Commit, CommitOutcome, DecisionCall, DecisionOutcome, PendingEntry, Write} from '../bus/bus.js'
import {filled} from '../bus/decision.js'
import {MemoryBus} from '../bus/memory-bus.js'
import type {ScriptReply} from '../contracts/script.js'

/** Keeps everything that is appended: a bound is for a server's memory. */
const unbounded = (write: Write): Write => {
	if (write.op !== 'append') return write
	const {op, stream, fields} = write
	return {op, stream, fields}
}

/** The bus of a replay: entries come from the journal instead of streams, scripts answer as they did. */
export class ReplayBus extends MemoryBus {
	/** What the script of the next decision answered, where that is known. */
	reply: ScriptReply | undefined
	/** Steps committed so far. */
	steps = 0
	/** Decisions whose answer was not known. */
	decidedAgain = 0
	/** What was written since the replay emptied it: one step. A decision that is asked again is left out. */
	written: Write[] = []
	readonly appendedTo = new Set<string>()

	override async commit({fence, writes}: Commit): Promise<CommitOutcome> {
		this.steps += 1
		this.written.push(...writes)
		for (const write of writes) if (write.op === 'append') this.appendedTo.add(write.stream)
		return super.commit({...(fence && {fence}), acknowledge: [], writes: writes.map(unbounded)})
	}

	override async decide(call: DecisionCall, commit: Omit<Commit, 'writes'>): Promise<DecisionOutcome> {
		const {reply} = this
		if (reply) {
			const writes = (call.branches[reply.outcome] ?? []).map(write => filled(write, reply.fields))
			await this.commit({...commit, writes})
			return {status: 'decided', reply}
		}
		this.steps += 1
		this.decidedAgain += 1
		for (const write of Object.values(call.branches).flat())
			if (write.op === 'append') this.appendedTo.add(write.stream)
		return super.decide(call, {...commit, acknowledge: []})
	}

	/** Asked only about an entry that a handler failed on; those that failed live are known as such. */
	override async pending(stream: string): Promise<readonly PendingEntry[]> {
		throw new Error(`A handler failed on an entry of ${stream} that it handled when it was recorded`)
	}
}
