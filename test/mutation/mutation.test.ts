import * as fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {equivalents, listedAs} from './equivalents.js'
import {Judge} from './judge.js'
import {mutantsOf} from './lua-mutants.js'
import {mutantsIn, suites} from './trials.js'

/** As many as `npm run mutate` tries on each mutant by default, and the same ones. */
const [SEED, HISTORIES] = [1, 150]
const SAMPLE = 8

describe('mutants of a script', () => {
	it('turn comparisons, swap words, move numbers, drop writes; not in comments and texts', () => {
		const source = "if a <= 1 and b then -- a < b\n  redis.call('HSET', k, 'x < y', -1)\nend\nredis.call('GET', k)"
		expect(mutantsOf('x.lua', source).map(({line, change}) => `${line}: ${change}`)).toEqual([
			'1: <= to <',
			'1: <= to >',
			'1: 1 to 2',
			'1: and to or',
			'2: without HSET',
			'2: - to nothing',
			'2: 1 to 2',
		])
		const dropped = mutantsOf('x.lua', source).find(({change}) => change === 'without HSET')
		expect(dropped?.source).toContain("select('#', 'HSET', k, 'x < y', -1)")
	})

	it('are each listed as equivalent at most once, and are there', () => {
		const all = suites.flatMap(mutantsIn).map(({file, text, change}) => JSON.stringify([file, text, change]))
		const listed = equivalents.map(({file, text, change}) => JSON.stringify([file, text, change]))
		expect(listed.filter(one => !all.includes(one))).toEqual([])
		expect(new Set(listed).size).toBe(listed.length)
	})
})

describe.each(suites.map(suite => [suite.files.join(', '), suite] as const))('%s', (_, suite) => {
	it('answer as their models do, and a random few of their mutants do not', async () => {
		const judge = await Judge.open(await suite.trials(SEED, HISTORIES))
		const mutants = mutantsIn(suite).filter(mutant => listedAs(mutant) === undefined)
		try {
			await judge.acquit(suite.files[0] ?? '')
			await fc.assert(
				fc.asyncProperty(fc.constantFrom(...mutants), async mutant => {
					const {file, line, change, text} = mutant
					expect(await judge.findingOf(mutant), `${file}:${line} ${change} in ${text}`).toBeDefined()
				}),
				{numRuns: SAMPLE, endOnFailure: true},
			)
		} finally {
			await judge.close()
		}
	}, 120_000)
})
