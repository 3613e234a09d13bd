import {randomUUID} from 'node:crypto'
import {linkSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {z} from 'zod'

const recordSchema = z.object({
	pid: z.int().positive(),
	start_time: z.string(),
	boot_id: z.string(),
	started_at: z.string(),
	home: z.string(),
	/** Listened on before the record exists: who can connect to it has found the holder alive. */
	socket: z.string(),
	released: z.boolean(),
})

/** Who holds, or held, a home. */
export type InstanceRecord = z.infer<typeof recordSchema>

const pattern = /^instance\.(\d{1,15})\.json$/

export const recordPath = (dir: string, number: number): string => join(dir, `instance.${number}.json`)

/** Numbers of all records, highest first. The highest decides who holds the home. */
export function recordNumbers(dir: string): number[] {
	const numbers = readdirSync(dir).flatMap(name => {
		const match = pattern.exec(name)
		return match ? Number(match[1]) : []
	})
	return numbers.sort((left, right) => right - left)
}

/** Null when the record has gone or is no record: then it holds nothing. */
export function readInstanceRecord(dir: string, number: number): InstanceRecord | null {
	try {
		return recordSchema.parse(JSON.parse(readFileSync(recordPath(dir, number), 'utf8')))
	} catch {
		return null
	}
}

/** Makes a record appear whole under a number that must be free. False: another process has taken the number. */
export function claimNumber(dir: string, number: number, record: InstanceRecord): boolean {
	const draft = join(dir, `instance.${randomUUID()}.draft`)
	writeFileSync(draft, `${JSON.stringify(record)}\n`, {mode: 0o600})
	try {
		linkSync(draft, recordPath(dir, number))
		return true
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
		throw error
	} finally {
		rmSync(draft, {force: true})
	}
}
