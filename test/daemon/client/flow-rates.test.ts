import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {auditFlow} from '../../../src/daemon/client/flow-audit.js'
import {FLOW_BY} from '../../../src/daemon/client/flow-by.js'
import {followIntents} from '../../../src/daemon/client/flow-follow.js'
import {flowRates, MINUTE_MS, spanOf} from '../../../src/daemon/client/flow-rates.js'
import {tradeIntent} from '../../../src/engine/contracts/streams/trade.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {barsOf, flowRatesLine, flowRatesView} from '../../../src/tui/plain/flow-rates-view.js'
import {ENDS, type End, FlowStory} from './flow-story.js'

const ends = Object.keys(ENDS) as End[]
const START_MS = 10 * MINUTE_MS

/** Intents with their ends, each told from its minute on. */
const told = (wanted: readonly (readonly [End, number])[]): FlowStory => {
	const story = new FlowStory(START_MS)
	for (const [index, [end, minute]] of [...wanted].sort(([, one], [, other]) => one - other).entries()) {
		const from = story.entries.length
		story.intent(`n${index}`, end)
		for (let at = from; at < story.entries.length; at += 1) {
			const entry = story.entries[at]
			if (entry) story.entries[at] = {...entry, stream_id: `${START_MS + minute * MINUTE_MS + at}-0`}
		}
	}
	return story
}
const UNTIL_MS = START_MS + 5 * MINUTE_MS - 1
const ratesOf = (story: FlowStory, by: (typeof FLOW_BY)[number], minutes = 5, complete_from_ms = 0) => {
	const {streams} = story.query()
	const span = spanOf(minutes, UNTIL_MS, complete_from_ms)
	return flowRates(followIntents({streams, orders_from_ms: 0, from_ms: span.from_ms}), by, span)
}

describe('intents by the minute', () => {
	it('stand in the minute in which they were asked for', () => {
		const rates = ratesOf(
			told([
				['refused', 0],
				['refused', 3],
				['filled', 3],
				['open_venue', 4],
			]),
			'reason',
		)
		expect(rates).toMatchObject({asked: 4, ended: 3, open: 1, cut: false, counts: [1, 0, 0, 2, 1]})
		expect(rates.rows.map(({outcome, reason, unit, counts}) => [outcome, reason, unit, counts])).toEqual([
			['REFUSED', 'COOLDOWN', 'governor', [1, 0, 0, 1, 0]],
			['OPEN', '', 'venue', [0, 0, 0, 0, 1]],
			['SENT', 'FILLED', 'apply-layer', [0, 0, 0, 1, 0]],
		])
		expect(flowRatesView(rates, plainPaint)).toMatchInlineSnapshot(`
			"4 intents from 1970-01-01 00:09:59 to 1970-01-01 00:14:59 UTC (machine time): 3 ended, 1 open
			all, a bar a minute: ▅▁▁█▅

			OUTCOME  AT           REASON    COUNT  PER MIN  BY MINUTE
			REFUSED  governor     COOLDOWN      2     0.40  █▁▁█▁
			OPEN     venue                      1     0.20  ▁▁▁▁█
			SENT     apply-layer  FILLED        1     0.20  ▁▁▁█▁"
		`)
		expect(flowRatesLine(rates)).toBe(
			'1970-01-01 00:14:59 4 intents in 5 min, 1 open: REFUSED COOLDOWN 2, OPEN 1, SENT FILLED 1',
		)
	})

	it.each(FLOW_BY)('by %s add up to what the audit of the flow counts over the same time', by => {
		const wanted = fc.array(fc.tuple(fc.constantFrom(...ends), fc.nat({max: 4})), {maxLength: 20})
		fc.assert(
			fc.property(wanted, fc.integer({min: 1, max: 5}), (asked, minutes) => {
				const story = told(asked)
				const rates = ratesOf(story, by, minutes)
				const since_ms = UNTIL_MS - minutes * MINUTE_MS
				const audit = auditFlow({...story.query(), since_ms})
				const {asked: total, outcomes, open} = audit.sources.find(({source}) => source === tradeIntent.name) ?? {}
				expect([rates.asked, rates.ended, rates.open]).toEqual([total, outcomes, open])
				expect(rates.rows.reduce((sum, row) => sum + row.total, 0)).toBe(rates.asked)
				for (const {counts, total: of_row} of rates.rows) expect(counts.reduce((sum, n) => sum + n, 0)).toBe(of_row)
				for (const {outcome, unit, reason, count} of by === 'reason' ? audit.outcomes : [])
					expect(rates.rows).toContainEqual(expect.objectContaining({outcome, unit, reason, total: count}))
			}),
			{numRuns: 30},
		)
	})

	it('say from when on they are counted where the streams were trimmed', () => {
		const rates = ratesOf(
			told([
				['refused', 0],
				['filled', 3],
			]),
			'symbol',
			5,
			START_MS + 2 * MINUTE_MS,
		)
		expect(rates).toMatchObject({asked: 1, cut: true, from_ms: START_MS + 2 * MINUTE_MS})
		expect(rates.rows).toMatchObject([{of: 'BTCUSDT', outcome: 'SENT', reason: ''}])
	})
})

it.each([
	[[1, 2, 3], 60, [1, 2, 3]],
	[[1, 2, 3], 2, [1, 5]],
	[[1, 2, 3, 4], 2, [3, 7]],
	[[], 2, []],
])('minutes %j become at most %i bars %j', (counts, bars_max, bars) => {
	expect(barsOf(counts, bars_max)).toEqual(bars)
})
