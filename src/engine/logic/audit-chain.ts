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
export const nextAuditLine = (head: AuditHead | undefined, entry: AuditEntry): string => {
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

/** Which record was the newest, as it is kept in a second place. */
export const auditHeadSchema = auditLineSchema.pick({n: true, hash: true})
export type AuditHead = z.output<typeof auditHeadSchema>
/** Undefined where nothing is kept. */
export type KeptHead = AuditHead | 'unreadable' | undefined

export type AuditProof = Readonly<{
	/** Lines that follow each other, untouched, from the first. */
	sound: number
	lines: number
	/** How many records the second place vouches for; 0 where it holds none. */
	kept: number
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
const follow = (lines: readonly string[]): Omit<AuditProof, 'kept'> => {
	let head: AuditLine | undefined
	for (const [index, text] of lines.entries()) {
		const line = readAuditLine(text)
		const why = faultOf(text, line, head)
		if (why !== undefined) return {sound: index, lines: lines.length, broken: {line: index + 1, why}, head}
		head = line
	}
	return {sound: lines.length, lines: lines.length, broken: undefined, head}
}

/** What a sound chain has against what was kept of it: the second place may lag, and never leads. */
const againstKept = (lines: readonly string[], kept: KeptHead): AuditProof['broken'] => {
	if (kept === undefined) return undefined
	if (kept === 'unreadable')
		return {line: lines.length, why: 'cannot be held against its kept head, which holds no record'}
	const {n, hash} = kept
	if (n > lines.length)
		return {line: lines.length + 1, why: `is missing: ${n} records were written, and the tail of the log was cut off`}
	if (readAuditLine(lines[n - 1] ?? '')?.hash === hash) return undefined
	return {line: n, why: 'is not the record that was written: its hash differs from the one that was kept'}
}

/** Follows the chain from its first line, then holds it against the newest record that was kept elsewhere. */
export const proveAudit = (lines: readonly string[], kept?: KeptHead): AuditProof => {
	const proof = follow(lines)
	const vouched = typeof kept === 'object' ? kept.n : 0
	return {...proof, kept: vouched, broken: proof.broken ?? againstKept(lines, kept)}
}

/**
 * What the next line follows, and whether the second place may be told of it. Where more was kept than is there, a tail
 * was cut off: the next line leaves that gap open for ever. What contradicts what was kept is not written over.
 * @param newest records of the log's end, newest first
 */
export const followed = (
	newest: readonly AuditLine[],
	kept: KeptHead,
): Readonly<{head: AuditHead | undefined; keeps: boolean}> => {
	const head = newest[0]
	if (kept === undefined || kept === 'unreadable') return {head, keeps: kept === undefined}
	if (kept.n > (head?.n ?? 0)) return {head: kept, keeps: true}
	const same = newest.find(({n}) => n === kept.n)
	return {head, keeps: same === undefined || same.hash === kept.hash}
}
