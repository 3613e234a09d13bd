import {z} from 'zod'
import {field} from '../field.js'
import {defineStream} from '../stream.js'

const changes = field.dictionary(z.unknown())

export const policyUpdate = defineStream({
	name: 'policy.update',
	summary: 'Changes of the policy that a unit proposes; what does not tighten is refused.',
	criticality: 'money',
	operator_writes: true,
	payload: z.object({
		proposal_id: field.text(),
		reason: field.prose(),
		/** New values by path, such as `ess.drawdown_warning`. */
		changes,
	}),
})

export const policyUpdated = defineStream({
	name: 'policy.updated',
	summary: 'A version of the policy that is in force from now on.',
	criticality: 'money',
	payload: z.object({
		version: field.integer(),
		author: field.text(),
		reason: field.prose(),
		hash: field.text(),
		/** What it changed: new values by path. */
		changes,
	}),
})

export const policyAudit = defineStream({
	name: 'policy.audit',
	summary: 'What became of each proposed change of the policy.',
	criticality: 'money',
	payload: z.object({
		proposal_id: field.text(),
		source: field.text(),
		outcome: z.enum(['APPLIED', 'RECORDED', 'REFUSED', 'UNCHANGED']),
		detail: field.prose(),
		version: field.integer().optional(),
		changes,
	}),
})

export const ESS_STATES = ['NORMAL', 'WARNING', 'CRITICAL'] as const

export const essState = defineStream({
	name: 'ess.state',
	summary: 'Each change of the Emergency Stop System, with what caused it.',
	criticality: 'money',
	payload: z.object({
		state: z.enum(ESS_STATES),
		before: z.enum(ESS_STATES),
		/** Rule that decided, such as DAILY_LOSS; OPERATOR_RESET where a person did. */
		rule: field.text(),
		used: field.text(),
		limit: field.text(),
		/** Whether everything is to be closed. */
		flatten: field.flag(),
		since_ms: field.integer(),
	}),
})

export const essReset = defineStream({
	name: 'ess.reset',
	summary:
		'Resets of the Emergency Stop System that operators ask for; the key `ess:state` says what became of the newest.',
	criticality: 'money',
	operator_writes: true,
	payload: z.object({by: field.text(), reason: field.prose()}),
})

export const BSC_STATES = ['NORMAL', 'TRIPPED'] as const

export const bscEvents = defineStream({
	name: 'bsc.events',
	summary: 'Each rule of the Baseline Safety Controller that was broken, and its end.',
	criticality: 'telemetry',
	payload: z.object({
		state: z.enum(BSC_STATES),
		rule: field.text(),
		used: field.text(),
		limit: field.text(),
		/** Whether it disarmed: false where nothing was armed. */
		killed: field.flag(),
	}),
})
