import {createHash} from 'node:crypto'
import {mkdirSync, readdirSync, readFileSync, realpathSync} from 'node:fs'
import {join} from 'node:path'
import {z} from 'zod'
import {messageOf} from '../../engine/errors.js'
import {writeFileAtomically} from './atomic-file.js'

const recordSchema = z.object({
	name: z.string().min(1),
	generation: z.int().min(0),
	/** Null: no process of this generation is known to live. */
	identity: z.object({pid: z.int().positive(), start_time: z.string(), boot_id: z.string()}).nullable(),
	spec_hash: z.string(),
	version: z.string(),
	started_at: z.string().nullable(),
})

/** What a later daemon needs to know of a process of this one. */
export type RunRecord = z.infer<typeof recordSchema>

export interface RunRecords {
	/** Short name of the run directory, carried by every process started under it. */
	readonly run_id: string
	write(record: RunRecord): void
	/** All records, and the files that cannot be read as one with the reason. */
	readAll(): {records: RunRecord[]; unreadable: {file: string; reason: string}[]}
}

const suffix = '.run.json'

/** Short name of a run directory that exists, with which every process started under it is marked. */
export const runIdOf = (run_dir: string): string =>
	createHash('sha256').update(realpathSync(run_dir)).digest('hex').slice(0, 16)

/** Records of the processes started under one run directory, a JSON file each. */
export function openRunRecords(run_dir: string): RunRecords {
	mkdirSync(run_dir, {recursive: true, mode: 0o700})
	const folder = realpathSync(run_dir)
	const read = (file: string) => {
		const record = recordSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
		if (`${record.name}${suffix}` !== file) throw new Error(`it is the record of ${record.name}`)
		return record
	}
	return {
		run_id: runIdOf(folder),
		// After a crash of the machine no identity is valid anyway: its boot is another.
		write: record =>
			writeFileAtomically(join(folder, `${record.name}${suffix}`), `${JSON.stringify(record)}\n`, {durable: false}),
		readAll() {
			const records: RunRecord[] = []
			const unreadable: {file: string; reason: string}[] = []
			for (const file of readdirSync(folder).filter(name => name.endsWith(suffix))) {
				try {
					records.push(read(file))
				} catch (error) {
					unreadable.push({file: join(folder, file), reason: messageOf(error)})
				}
			}
			return {records, unreadable}
		},
	}
}
