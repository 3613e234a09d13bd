import {defineKey} from './key.js'

/** What those who watch over the risk say, each with the machine time at which it last looked. */
export const riskKeys = {
	policyActive: defineKey({
		pattern: 'policy:active',
		type: 'hash',
		owner: 'risk-safety',
		summary: 'The policy in force: version, hash, author, time_ms, and the whole of it as JSON in `policy`.',
	}),
	essState: defineKey({
		pattern: 'ess:state',
		type: 'hash',
		owner: 'risk-safety',
		summary:
			'NORMAL, WARNING or CRITICAL with rule, used, limit, since_ms; machine_ms says when it was last confirmed.',
	}),
	essWatch: defineKey({
		pattern: 'ess:watch',
		type: 'hash',
		owner: 'ess-watch',
		summary: 'HEARD or SILENT: whether the ESS still confirms its state, with machine_ms of the last look.',
	}),
	bscState: defineKey({
		pattern: 'bsc:state',
		type: 'hash',
		owner: 'bsc',
		summary: 'NORMAL or TRIPPED with rule, used, limit, where every rule stands; machine_ms says when it last looked.',
	}),
} as const
