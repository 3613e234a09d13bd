import {defineKey, type KeyContract} from './key.js'

/** What the daemon and the runtime of units keep for themselves. */
export const runtimeKeys = {
	schema: defineKey({
		pattern: 'schema',
		type: 'hash',
		owner: 'daemon',
		summary: 'Product and schema version of this server; a server with another one is refused untouched.',
	}),
	countedRun: defineKey({
		pattern: 'counted_run',
		type: 'string',
		owner: 'daemon',
		summary: 'run_id of the server whose groups were counted anew: one that was started again has wrong counters.',
	}),
	unitState: defineKey({
		pattern: 'unit:state:{unit}',
		type: 'hash',
		owner: 'runtime',
		summary: 'Snapshot of a unit, one field per partition, committed with its outputs.',
	}),
	unitEffects: defineKey({
		pattern: 'unit:effects:{unit}',
		type: 'hash',
		owner: 'runtime',
		summary: 'Write-ahead records of effects whose result has not been committed.',
	}),
	unitLease: defineKey({
		pattern: 'unit:lease:{unit}',
		type: 'hash',
		owner: 'runtime',
		summary:
			'Generation, host and heartbeat of the process that runs the unit, its steps and the last that had effects; commits of another generation are refused.',
	}),
} as const satisfies Record<string, KeyContract>
