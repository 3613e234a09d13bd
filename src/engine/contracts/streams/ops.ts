import {z} from 'zod'
import {field} from '../field.js'
import {defineStream} from '../stream.js'

export const alerts = defineStream({
	name: 'alerts',
	summary: 'What a person should look at.',
	criticality: 'telemetry',
	payload: z.object({
		severity: z.enum(['info', 'warning', 'critical']),
		code: field.text(),
		subject: field.text(),
		message: field.prose(),
	}),
})

export const events = defineStream({
	name: 'events',
	summary: 'Changes of state that are worth a record: stages, restarts, operator commands.',
	criticality: 'telemetry',
	operator_writes: true,
	payload: z.object({
		event: field.text(),
		subject: field.text(),
		detail: field.prose(),
		/** Who decided it, where a person did. */
		by: field.text().optional(),
		/** The value before and after, where one was changed. */
		before: field.text().optional(),
		after: field.text().optional(),
	}),
})

export const deadLetters = defineStream({
	name: 'dead.letter',
	summary: 'Entries that broke their contract or failed five deliveries: whole, with the reason.',
	criticality: 'money',
	wraps_entries: true,
	payload: z.object({
		stream: field.text(),
		group: field.text(),
		entry_id: field.text(),
		reason: field.text(),
		detail: field.prose(),
		deliveries: field.integer(),
		fields: field.json(z.record(z.string(), z.string())),
	}),
})
