import {identify, type ProcessIdentity, sameProcess} from './process-identity.js'
import {bootId} from './process-table.js'
import type {RunRecord} from './run-record.js'
import type {MarkedProcess} from './supervision-mark.js'

/** A living group that an earlier daemon of this run directory started. */
export interface FoundRun {
	name: string
	generation: number
	identity: ProcessIdentity
	spec_hash: string
	version: string
	started_at: string | null
}

/** A process that this daemon cannot account for; `reapOrphan` ends it. */
export interface Orphan extends FoundRun {
	reason: string
}

export interface AdoptionPlan {
	adopt: FoundRun[]
	/** Ours, but of another spec or version, or a second copy: stopped first, then started anew. */
	replace: FoundRun[]
	orphans: Orphan[]
}

/** Members of groups whose leader has gone: nothing can supervise them, so they end before a successor starts. */
export interface Leftover {
	name: string
	identity: ProcessIdentity
}

/** Living runs by records and by marks, each process once, and what is left of groups without leader. */
export function findRuns(
	records: readonly RunRecord[],
	marked: readonly MarkedProcess[],
): {runs: FoundRun[]; leftovers: Leftover[]} {
	const runs = new Map<number, FoundRun>()
	for (const {identity, ...record} of records) {
		if (identity && sameProcess(identity)) runs.set(identity.pid, {...record, identity})
	}
	const leaders = new Set(marked.flatMap(({row}) => (row.pid === row.group ? row.pid : [])))
	const leftovers: Leftover[] = []
	for (const {row, name, generation, spec_hash, version} of marked) {
		const identity = {pid: row.pid, start_time: row.start_time, boot_id: bootId()}
		if (row.pid === row.group) {
			if (!runs.has(row.pid)) runs.set(row.pid, {name, generation, identity, spec_hash, version, started_at: null})
		} else if (!leaders.has(row.group) && !runs.has(row.group) && !identify(row.group)) {
			leftovers.push({name, identity})
		}
	}
	return {runs: [...runs.values()], leftovers}
}

/** What to do with each living run, given the spec hashes that are wanted. Of several of one name the newest can be adopted. */
export function planAdoption(
	runs: readonly FoundRun[],
	wanted: ReadonlyMap<string, string>,
	version: string,
): AdoptionPlan {
	const plan: AdoptionPlan = {adopt: [], replace: [], orphans: []}
	const taken = new Set<string>()
	for (const run of [...runs].sort((left, right) => right.generation - left.generation)) {
		const hash = wanted.get(run.name)
		if (hash === undefined) plan.orphans.push({...run, reason: `no process ${run.name} is declared any more`})
		else if (taken.has(run.name) || hash !== run.spec_hash || version !== run.version) plan.replace.push(run)
		else {
			taken.add(run.name)
			plan.adopt.push(run)
		}
	}
	return plan
}
