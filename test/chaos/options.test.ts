import {describe, expect, it} from 'vitest'
import {GROUPS} from '../../src/chaos/fault.js'
import {optionsOf} from '../../src/chaos/options.js'

describe('the options of a run', () => {
	it('have defaults', () => {
		expect(optionsOf([])).toEqual({seeds: [1], minutes: 1, groups: GROUPS, keep: false, verbose: false, help: false})
	})

	it('are read', () => {
		const args = ['--seed', '4,5', '--minutes', '0.5', '--faults', 'venue,network', '--report', 'a.md', '--verbose']
		expect(optionsOf(args)).toMatchObject({
			seeds: [4, 5],
			minutes: 0.5,
			groups: ['venue', 'network'],
			report: 'a.md',
			verbose: true,
		})
	})

	it.each([
		[['--seed', 'x'], /--seed is x; expected whole numbers/],
		[['--seed', '1,'], /--seed is ; expected/],
		[['--minutes', '0'], /--minutes is 0; expected a number above 0/],
		[['--faults', 'venue,fire'], /--faults has fire; expected some of process, /],
		[['--fault', 'venue'], /--fault/],
	])('%j is refused with what is wrong', (args, message) => {
		expect(() => optionsOf(args)).toThrow(message)
	})
})
