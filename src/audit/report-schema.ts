import {z} from 'zod'
import {CATEGORIES} from './classify.js'
import {SEVERITIES} from './finding.js'

const count = z.int().min(0)
const text = z.string()
const maybe = text.nullable()

export const findingSchema = z.strictObject({
	rule: text.meta({description: 'name of the rule: qt registry audit --rules lists them'}),
	severity: z.enum(SEVERITIES),
	subject: text.meta({description: 'what it is about: a unit, a stream, a port, a file'}),
	declared: text,
	observed: text,
	remedy: text,
	proof: text.meta({description: 'a command that shows the same'}),
})

const moduleSchema = z.strictObject({
	name: text,
	unit: maybe,
	category: z.enum(CATEGORIES),
	why: text,
	systemd: z
		.strictObject({loaded: text, active: text, sub: text, enabled: maybe, description: text})
		.nullable()
		.meta({description: 'null where systemd does not know the module'}),
	execution: z.strictObject({user: z.int().nullable(), pid: z.int().nullable(), working_dir: maybe, exec_path: maybe}),
	code: z.strictObject({module: maybe, path: maybe, entrypoint: maybe, has_code: z.boolean()}),
	runtime: z.strictObject({
		venv: z.null(),
		venv_status: z.literal('NOT APPLICABLE'),
		port: z.int().nullable(),
		redis_streams: z.array(text).readonly(),
	}),
	proof_line: text.meta({description: 'a command that shows the same'}),
})

const SUMMARY = {
	total_modules: count,
	running: count,
	stopped: count,
	failed: count,
	restarting: count,
	orphaned: count,
	unknown: count,
	retired: count,
	not_applicable: count,
}

const registrySchema = z.strictObject({
	generated_at: z.iso.datetime(),
	host: text,
	modules: z.array(moduleSchema).readonly(),
	summary: z.strictObject(SUMMARY),
})

const gateSchema = z.strictObject({
	gate: text,
	passed: z.boolean().nullable().meta({description: 'null: what it needs could not be looked at'}),
	detail: text,
})

const inventorySchema = z.strictObject({
	ports: z
		.array(z.strictObject({port: z.int(), address: text, pids: z.array(z.int()).readonly(), process: maybe}))
		.readonly(),
	processes: z
		.array(z.strictObject({pid: z.int(), name: text, version: text, leader: z.boolean(), command: maybe}))
		.readonly(),
	streams: z
		.array(
			z.strictObject({
				name: text,
				declared: z.enum(['yes', 'no', 'retired']),
				length: count,
				groups: z
					.array(
						z.strictObject({
							group: text,
							unit: maybe,
							consumers: count,
							undelivered: count.nullable(),
							pending: count,
							lost: count.nullable(),
						}),
					)
					.readonly(),
			}),
		)
		.readonly(),
	keys: z
		.array(
			z.strictObject({
				pattern: maybe.meta({description: 'null: keys that fit no declared pattern'}),
				type: text,
				count,
				with_ttl: count,
			}),
		)
		.readonly(),
	systemd: z.array(z.strictObject({name: text, load: text, active: text, sub: text, enabled: maybe})).readonly(),
	files: z.array(z.strictObject({path: text, mode: text, uid: z.int()})).readonly(),
	build: z
		.strictObject({
			version: text,
			commit: maybe,
			built_at: maybe,
			checkout_commit: maybe,
			running: z.array(z.strictObject({name: text, version: text})).readonly(),
		})
		.nullable(),
})

/** What `qt registry audit --json` puts into `data`. */
export const reportSchema = z.strictObject({
	schema_version: z.literal(1),
	verdict: z.enum(['CLEAN', 'FINDINGS', 'INCOMPLETE']).meta({
		description: 'INCOMPLETE: no finding, and not everything could be looked at',
	}),
	generated_at: z.iso.datetime(),
	took_ms: z.number().min(0),
	home: text,
	mode: text,
	findings: z.array(findingSchema).readonly(),
	gates: z.array(gateSchema).readonly(),
	not_looked_at: z.array(z.strictObject({part: text, why: text, rules: z.array(text).readonly()})).readonly(),
	not_applicable: z.array(z.strictObject({part: text, why: text})).readonly(),
	notes: z.array(text).readonly(),
	registry: registrySchema.meta({description: 'the shape of module_registry.json'}),
	inventory: inventorySchema,
	baseline: z
		.strictObject({
			saved_at: z.iso.datetime(),
			differences: z
				.array(z.strictObject({kind: z.enum(['added', 'removed', 'changed']), fact: text, before: maybe, now: maybe}))
				.readonly(),
		})
		.nullable()
		.meta({description: 'what changed since qt registry baseline save; null without one'}),
})

export type Report = Readonly<z.output<typeof reportSchema>>
export type Gate = Report['gates'][number]
export type Inventory = Report['inventory']
export type Difference = NonNullable<Report['baseline']>['differences'][number]
export type Summary = Report['registry']['summary']

/** The schema as a document for other programs. */
export const reportSchemaDocument = (): string =>
	`${JSON.stringify({title: 'qt registry audit --json, its data', ...z.toJSONSchema(reportSchema)}, null, '\t')}\n`
