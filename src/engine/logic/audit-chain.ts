import {createHash} from 'node:crypto'
import {z} from 'zod'

const said = z.record(z.string(), z.unknown())

/** One line of the audit log. `hash` covers everything else, `previous` is the hash of the line before. */
export const auditLineSchema = z.strictObject({
	/** Counts from 1. */
	n: z.int().positive(),
	/** Machine time, ms. */
	time_ms: z.number(),
	who: z.string(),
	/** What was asked for, such as `kill` or `policy apply`. */
	what: z.string(),
	why: z.string(),
	/** What became of it, such as `HALTED` or `REFUSED`. */
	outcome: z.string(),
	/** What stood before, and after. */
	before: said,
	after: said,
	/** Durations by name, ms. */
	timings: z.record(z.string(), z.number()),
	previous: z.string(),
	hash: z.string(),
})
export type AuditLine = z.output<typeof auditLineSchema>
export type AuditEntry = Omit<AuditLine, 'n' | 'previous' | 'hash'>

/** What the first line follows. */
const NOTHING = ''

const SEAL = /,"hash":"([0-9a-f]{64})"}$/

/** Over the very text of the line up to its seal: nothing is read and written again in between. */
const hashOf = (unsealed: string): string => createHash('sha256').update(unsealed).digest('hex')

/** The line that follows `head`, as text without its end. */
export const nextAuditLine = (head: Pick<AuditLine, 'n' | 'hash'> | undefined, entry: AuditEntry): string => {
	const unsealed = JSON.stringify({n: (head?.n ?? 0) + 1, ...entry, previous: head?.hash ?? NOTHING}).slice(0, -1)
	return `${unsealed},"hash":"${hashOf(unsealed)}"}`
}

/** A line of the log, whether or not it is where it belongs; undefined for anything else. */
export const readAuditLine = (text: string): AuditLine | undefined => {
	try {
		return auditLineSchema.parse(JSON.parse(text))
	} catch {
		return undefined
	}
}

export type AuditProof = Readonly<{
	/** Lines that follow each other, untouched, from the first. */
	sound: number
	lines: number
	/** The first line that does not, counted from 1, and why. */
	broken: Readonly<{line: number; why: string}> | undefined
	/** The newest sound one. */
	head: AuditLine | undefined
}>

const faultOf = (text: string, line: AuditLine | undefined, head: AuditLine | undefined): string | undefined => {
	if (!line) return 'holds no record'
	const n = (head?.n ?? 0) + 1
	if (line.n !== n) return `is record ${line.n} where record ${n} belongs: something was taken out or put in`
	if (line.previous !== (head?.hash ?? NOTHING)) return 'does not follow the line before it'
	return line.hash === hashOf(text.replace(SEAL, '')) ? undefined : 'was changed after it was written'
}

/** Follows the chain from its first line. */
export const proveAudit = (lines: readonly string[]): AuditProof => {
	let head: AuditLine | undefined
	for (const [index, text] of lines.entries()) {
		const line = readAuditLine(text)
		const why = faultOf(text, line, head)
		if (why !== undefined) return {sound: index, lines: lines.length, broken: {line: index + 1, why}, head}
		head = line
	}
	return {sound: lines.length, lines: lines.length, broken: undefined, head}
}
