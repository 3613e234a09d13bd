import {readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import {exampleLevels, examples, exampleWalk, exitsDocument} from '../../../src/engine/logic/exit-example.js'
import {URGENCY_WEIGHTS} from '../../../src/engine/logic/exit-urgency.js'

const path = fileURLToPath(new URL('../../../docs/exits.md', import.meta.url))
const RENEW = 'RENEW_DOCS=1 npx vitest run test/engine/logic/exit-example.test.ts'

test('docs/exits.md is what the functions say', () => {
	if (process.env.RENEW_DOCS === '1') writeFileSync(path, exitsDocument())
	expect(readFileSync(path, 'utf8') === exitsDocument(), `docs/exits.md is stale; renew it with: ${RENEW}`).toBe(true)
})

test('the weights of the kill score are the ones that the page names', () => {
	const {volatility, trend, age, excursion} = URGENCY_WEIGHTS
	expect(exitsDocument()).toContain(
		`${volatility} x volatility spike + ${trend} x trend against the position + ${age} x age + ${excursion} x way`,
	)
})

describe.each(examples.map(of => [`${of.direction > 0 ? 'long' : 'short'} at ${of.leverage}x`, of] as const))(
	'%s',
	(_, of) => {
		test('every level is there, in order, and the initial stop lies inside the loss limit', () => {
			const levels = exampleLevels(of)
			const shares = levels.map(({of_price}) => Number.parseFloat(of_price))
			expect(shares).toEqual(shares.toSorted((one, other) => one - other))
			expect(levels.map(({level}) => level).sort()).toEqual([
				'break-even',
				'emergency',
				'harvest at 0.5 R',
				'harvest at 1 R',
				'initial stop',
				'internal stop',
				'max loss',
				'target 1',
				'target 2',
				'target 3',
			])
			const margin = (name: string) => Number.parseFloat(levels.find(({level}) => level === name)?.of_margin ?? '')
			expect(margin('max loss')).toBe(-10)
			expect(margin('emergency')).toBe(-12.5)
			expect(margin('initial stop')).toBeGreaterThanOrEqual(-10)
		})

		test('the way takes two targets, moves the stop behind each, and ends trailing', () => {
			const rows = exampleWalk(of)
			expect(rows.map(({asked}) => asked.replaceAll(/ to [\d.]+| of [\d.]+/g, ''))).toEqual([
				'nothing',
				'PARTIAL_CLOSE_25, target_1; MOVE_SL_BE',
				expect.stringMatching(/^PARTIAL_CLOSE_25, target_2; (REPLACE_STOP|TRAIL_UPDATE)$/),
				expect.stringMatching(/^(nothing|TRAIL_UPDATE)$/),
				'nothing',
				'FULL_CLOSE_PROPOSED, trailing',
			])
			expect(rows.map(({left}) => Math.abs(Number(left)))).toEqual([0.004, 0.003, 0.002, 0.002, 0.002, 0])
		})
	},
)
