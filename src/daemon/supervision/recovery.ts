import {OperatorError} from '../../engine/errors.js'
import {findRuns, planAdoption} from './adoption.js'
import type {Clock} from './clock.js'
import {endGroup} from './end-group.js'
import {signalProcess} from './process-identity.js'
import {withDependencies} from './process-order.js'
import type {ProcessSet} from './process-set.js'
import type {RunRecords} from './run-record.js'
import type {Spawner} from './spawner.js'
import {findMarked} from './supervision-mark.js'
import type {RecoveryReport} from './supervisor-types.js'

export interface Recovery {
	set: ProcessSet
	records: RunRecords
	version: string
	clock: Clock
	spawner: Spawner
}

/**
 * Takes over what an earlier daemon of this run directory left running. On
 * return no living process of a declared name is unaccounted for; the replaced
 * ones have ended and are being started anew.
 * @throws OperatorError when a process that must go survives SIGKILL: a second copy would run beside it.
 */
export async function recoverRuns({set, records, version, clock, spawner}: Recovery): Promise<RecoveryReport> {
	const known = (name: string) => (set.specs.has(name) ? set.get(name) : undefined)
	const read = records.readAll()
	const marked = findMarked(records.run_id)
	for (const {name, generation} of [...read.records, ...marked]) known(name)?.continueFrom(generation)
	const {runs, leftovers} = findRuns(read.records, marked)
	const wanted = new Map(set.all().map(process => [process.spec.name, process.spec_hash]))
	const plan = planAdoption(runs, wanted, version)
	for (const leftover of leftovers) signalProcess(leftover.identity, 'SIGKILL')
	await Promise.all(
		plan.replace.map(async ({name, identity}) => {
			const grace_ms = known(name)?.spec.stop.grace_ms ?? 0
			if (await endGroup({clock, spawner}, identity, grace_ms)) return
			throw new OperatorError(`${name} of an earlier daemon (pid ${identity.pid}) survives SIGKILL`, {
				hint: `see what blocks it: ps -o pid,stat,wchan -p ${identity.pid}`,
			})
		}),
	)
	for (const run of plan.adopt) known(run.name)?.adopt(run.identity, run.generation, run.started_at)
	const replaced = [...new Set(plan.replace.map(({name}) => name))]
	for (const name of withDependencies(set.specs, replaced)) set.get(name).send({type: 'start'})
	return {
		adopted: plan.adopt.map(({name}) => name),
		replaced,
		orphans: plan.orphans,
		leftovers_ended: leftovers.length,
		unreadable: read.unreadable,
	}
}
