import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type AuditEntry, nextAuditLine, proveAudit, readAuditLine} from '../../../src/engine/logic/audit-chain.js'

const said = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.double(), fc.boolean()))
const entry = fc.record({
	time_ms: fc.integer(),
	who: fc.string(),
	what: fc.string(),
	why: fc.string(),
	outcome: fc.string(),
	before: said,
	after: said,
	timings: fc.dictionary(fc.string(), fc.double({noNaN: true, noDefaultInfinity: true})),
})

const RUNS = {numRuns: 40}

const chainOf = (entries: readonly AuditEntry[]): string[] => {
	const lines: string[] = []
	for (const each of entries) lines.push(nextAuditLine(readAuditLine(lines.at(-1) ?? ''), each))
	return lines
}
const chain = fc.array(entry, {minLength: 2, maxLength: 8}).map(chainOf)
const pick = <Value>(values: readonly Value[], at: number): number => at % values.length

describe('the chain of the audit log', () => {
	it('is sound as it was written', () => {
		fc.assert(
			fc.property(chain, lines => {
				expect(proveAudit(lines)).toMatchObject({sound: lines.length, broken: undefined, head: {n: lines.length}})
			}),
			RUNS,
		)
	})

	it('names the line that was changed, taken out, put in or moved', () => {
		const nth = fc.nat(1_000)
		fc.assert(
			fc.property(chain, nth, fc.constantFrom('why', 'who', 'outcome'), (lines, at, field) => {
				const index = pick(lines, at)
				const changed = {...readAuditLine(lines[index] ?? ''), [field]: 'somebody else'}
				expect(proveAudit(lines.with(index, JSON.stringify(changed))).broken?.line).toBe(index + 1)
				const missing = lines.toSpliced(index, 1)
				expect(proveAudit(missing).broken?.line).toBe(index === lines.length - 1 ? undefined : index + 1)
				expect(proveAudit(lines.toSpliced(index, 0, lines[index] ?? '')).broken?.line).toBe(index + 2)
				expect(proveAudit(lines.with(index, (lines[index] ?? '').slice(0, -3))).broken?.line).toBe(index + 1)
				const first = lines.slice(0, 2).reverse()
				expect(proveAudit([...first, ...lines.slice(2)]).broken?.line).toBe(1)
			}),
			RUNS,
		)
	})

	it('names a tail that is missing, a kept head that lags is none, and one that is forged is found', () => {
		fc.assert(
			fc.property(chain, fc.nat(1_000), (lines, at) => {
				const kept = readAuditLine(lines.at(-1) ?? '')
				const cut = pick(lines, at)
				expect(proveAudit(lines.slice(0, cut), kept).broken?.line).toBe(cut + 1)
				const lagging = readAuditLine(lines[cut] ?? '')
				expect(proveAudit(lines, lagging)).toMatchObject({broken: undefined, kept: cut + 1})
				expect(proveAudit(lines, {n: cut + 1, hash: ''}).broken?.line).toBe(cut + 1)
				expect(proveAudit(lines, 'unreadable').broken?.line).toBe(lines.length)
			}),
			RUNS,
		)
	})

	it('of nothing is sound', () => {
		expect(proveAudit([])).toEqual({sound: 0, lines: 0, kept: 0, broken: undefined, head: undefined})
	})
})
