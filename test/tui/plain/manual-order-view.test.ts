import {expect, test} from 'vitest'
import {planLine} from '../../../src/tui/plain/manual-order-view.js'

test.each<[number | undefined, number | null, string]>([
	[3, 3, 'OPEN BUY 1 BTCUSDT 3x of the 3x that the stop allows'],
	[10, 3, 'OPEN BUY 1 BTCUSDT 10x (the stop allows 3x at most)'],
	[2, null, 'OPEN BUY 1 BTCUSDT 2x'],
	[undefined, null, 'OPEN BUY 1 BTCUSDT'],
])('leverage %s of %s is said beside what the stop allows', (leverage, leverage_max, expected) => {
	const plan = {
		plan_id: 'p1',
		symbol: 'BTCUSDT',
		action: 'OPEN',
		side: 'BUY',
		quantity: '1',
		source: 'operator',
	} as const
	const asked = {...plan, reason: 'by hand', ...(leverage !== undefined && {leverage})}
	expect(planLine({plan: asked, preview: {gates: [], notional_usdt: null}, leverage_max})).toBe(expected)
})
