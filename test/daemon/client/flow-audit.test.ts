import fc from 'fast-check'
import {describe, expect, it, test} from 'vitest'
import {auditFlow, type FlowReport, OPEN_MAX_MS} from '../../../src/daemon/client/flow-audit.js'
import type {FlowEntry} from '../../../src/daemon/client/flow-chain.js'
import {sinceMs} from '../../../src/daemon/client/time-span.js'
import {exchangeNormalized} from '../../../src/engine/contracts/streams/account.js'
import {
	applyPlan,
	applyResult,
	governorEvents,
	portfolioGate,
	tradeIntent,
} from '../../../src/engine/contracts/streams/trade.js'
import {plainPaint} from '../../../src/tui/plain/colour.js'
import {flowView} from '../../../src/tui/plain/flow-view.js'
import {ENDS, type End, FlowStory, OPEN_AT} from './flow-story.js'

const ends = Object.keys(ENDS) as End[]
const codes = ({findings}: FlowReport) => findings.map(({code}) => code)
const sumOf = ({sources}: FlowReport, name: string) => sources.find(({source}) => source === name)

test.each(ends)('an intent that comes to %s has that one standing', end => {
	const story = new FlowStory()
	story.intent('one', end)
	const report = auditFlow(story.query())
	const done = ENDS[end]
	expect(report.findings).toEqual([])
	expect(report.outcomes).toEqual(done ? [{source: tradeIntent.name, ...done, count: 1}] : [])
	expect(report.open.map(({open_at}) => open_at)).toEqual(done ? [] : [OPEN_AT[end]])
	expect(sumOf(report, tradeIntent.name)).toMatchObject({asked: 1, outcomes: done ? 1 : 0, open: done ? 0 : 1})
})

describe('the sums', () => {
	const asked = fc.array(fc.tuple(fc.constantFrom(...ends), fc.constantFrom('intent', 'manual', 'plan')), {
		minLength: 1,
		maxLength: 30,
	})
	const beyondBridge = (end: End) => ends.indexOf(end) >= ends.indexOf('open_governor')
	const tell = (wanted: readonly (readonly [End, string])[]) => {
		const story = new FlowStory()
		for (const [index, [end, kind]] of wanted.entries()) {
			const name = `n${index}`
			if (kind === 'intent' || !beyondBridge(end)) story.intent(name, end)
			else if (kind === 'manual') story.manual(name, end)
			else story.plan(name, {id: `p-${name}`, cause: '', unit: 'exitbrain'}, end)
		}
		return story
	}

	it('count each request to its end, in whichever order the streams are', () => {
		fc.assert(
			fc.property(asked, wanted => {
				const report = auditFlow(tell(wanted).query())
				expect(report.findings).toEqual([])
				for (const {asked: total, outcomes, open} of report.sources) expect(total).toBe(outcomes + open)
				const all = report.sources.reduce((sum, {asked: count}) => sum + count, 0)
				expect(all).toBe(wanted.length)
				for (const end of ends) {
					const done = ENDS[end]
					const same = ends.filter(other => JSON.stringify(ENDS[other]) === JSON.stringify(done))
					const due = wanted.filter(([of]) => same.includes(of)).length
					const found = done
						? report.outcomes
								.filter(({unit, outcome, reason}) => JSON.stringify({unit, outcome, reason}) === JSON.stringify(done))
								.reduce((sum, {count}) => sum + count, 0)
						: report.open.length
					expect(found).toBe(due)
				}
			}),
			{numRuns: 40},
		)
	})

	it('do not hide one entry that is taken out or written twice', () => {
		fc.assert(
			fc.property(asked, fc.nat(), fc.boolean(), (wanted, at, twice) => {
				const story = tell(wanted)
				const chained = story.entries.filter(
					({stream, fields}) => stream !== exchangeNormalized.name && fields.verdict !== 'EXPIRED',
				)
				const victim = chained[at % chained.length]
				if (!victim) return
				const last = story.entries.at(-1)?.stream_id ?? ''
				const copy = {...victim, stream_id: `${Number.parseInt(last, 10) + 1}-0`}
				const entries = twice ? [...story.entries, copy] : story.entries.filter(entry => entry !== victim)
				const before = auditFlow(story.query())
				const after = auditFlow(story.query(entries))
				const interim = victim.fields.decision === 'UNKNOWN'
				// An interim word ends nothing: what is under way is so without it, and with it said again.
				if (!interim) expect(JSON.stringify(after)).not.toBe(JSON.stringify(before))
				// An answer that is there twice is named; a request that is there twice is owed another answer.
				const isRoot = !victim.fields.cause || victim.stream === tradeIntent.name
				if (twice && !isRoot && !interim) expect(codes(after)).toContain('DOUBLED')
				if (twice && isRoot) expect(after.open.length).toBeGreaterThan(before.open.length)
			}),
			{numRuns: 40},
		)
	})
})

describe('findings', () => {
	const filled = () => {
		const story = new FlowStory()
		story.intent('one', 'filled')
		return story
	}
	const without = (story: FlowStory, {name}: {name: string}): FlowEntry[] =>
		story.entries.filter(({stream}) => stream !== name)

	it('names an answer to what no stream holds', () => {
		const story = filled()
		expect(codes(auditFlow(story.query(without(story, portfolioGate))))).toEqual(['UNASKED'])
	})

	it('names an order without a plan, but not where plans were lost with the server', () => {
		const story = filled()
		const entries = story.entries.filter(({stream}) => stream === exchangeNormalized.name)
		expect(codes(auditFlow(story.query(entries)))).toEqual(['ORDER_WITHOUT_PLAN'])
		expect(codes(auditFlow(story.query(entries, {older: true})))).toEqual([])
	})

	it('names an order whose plan was never allowed, or whose result denies it', () => {
		const story = new FlowStory()
		story.intent('one', 'refused')
		story.intent('two', 'failed')
		for (const name of ['one', 'two'])
			story.add(
				exchangeNormalized,
				{id: `f-${name}`, cause: '', unit: 'exchange-stream-bridge'},
				{kind: 'fill', client_order_id: `q-plan-${name}`},
			)
		expect(codes(auditFlow(story.query()))).toEqual(['ORDER_WITHOUT_PERMIT', 'SENT_AFTER_ALL'])
	})

	it('names a plan that was allowed twice, and one that was sent though it had expired', () => {
		const story = filled()
		const again = {id: 'p-again', cause: '', unit: 'exitbrain'}
		story.add(applyPlan, again, {plan_id: 'plan-one', symbol: 'BTCUSDT', action: 'OPEN'})
		const verdict = {unit: 'governor', cause: 'p-again', id: 'v-again'}
		story.add(governorEvents, verdict, {plan_id: 'plan-one', verdict: 'ALLOW'})
		const late = {unit: 'governor', cause: '', id: 'x-late'}
		story.add(governorEvents, late, {plan_id: 'plan-one', verdict: 'EXPIRED', reason: 'PERMIT_EXPIRED'})
		expect(codes(auditFlow(story.query()))).toEqual(['PERMIT_DOUBLED', 'EXPIRED_BUT_SENT'])
	})

	it('calls what nobody answers overdue only after a while', () => {
		const story = new FlowStory()
		story.intent('one', 'open_governor')
		const at = (until_ms: number) => codes(auditFlow(story.query(story.entries, {until_ms})))
		const since_ms = Number.parseInt(story.entries.at(-1)?.stream_id ?? '', 10)
		expect(at(since_ms + OPEN_MAX_MS)).toEqual([])
		expect(at(since_ms + OPEN_MAX_MS + 1)).toEqual(['OVERDUE'])
	})

	it('judges nothing that began before the streams are complete', () => {
		const story = filled()
		const entries = story.entries.filter(({stream}) => stream === applyResult.name || stream === applyPlan.name)
		const record = {complete_from_ms: story.start_ms + 4, older: true}
		const report = auditFlow(story.query(entries, record))
		expect(report.findings).toEqual([])
		expect(report.sources.every(({asked}) => asked === 0)).toBe(true)
	})
})

describe('the view', () => {
	it('shows the sums, the ends, what is open and what is wrong', () => {
		const story = new FlowStory(Date.UTC(2026, 0, 2))
		story.intent('one', 'filled')
		story.intent('two', 'gate')
		story.intent('three', 'open_sender')
		const audit = {...auditFlow(story.query()), before: {fills: 0, plans: 0}, journal: ''}
		expect(flowView(audit, plainPaint)).toMatchInlineSnapshot(`
			"everything that the streams ever held, until 2026-01-02 00:00:00 UTC
			the journal knows no fills from before that

			ASKED BY           ASKED  OUTCOMES  OPEN
			trade.intent           3         2     1
			apply.plan.manual      0         0     0
			executor.commands      0         0     0
			reconcile.close        0         0     0
			apply.plan             0         0     0

			ASKED BY      ENDED AT        OUTCOME  REASON       COUNT
			trade.intent  apply-layer     SENT     FILLED           1
			trade.intent  portfolio-gate  REFUSED  GATE_SECTOR      1

			STEP             ENTRIES  ANSWERED  WAITING
			portfolio-gate         3         3        0
			intent-bridge          2         2        0
			intent-executor        0         0        0
			governor               2         2        0
			apply-layer            2         1        1

			OPEN   ASKED BY      UNIT         SYMBOL   WAITS FOR     FOR
			three  trade.intent  trading-bot  BTCUSDT  apply-layer  1 ms

			no findings: everything that was asked for has one outcome or is open"
		`)
	})
})

describe('--since', () => {
	const now = Date.UTC(2026, 0, 2)
	test.each([
		['90m', now - 5_400_000],
		['7d', now - 7 * 86_400_000],
		['2026-01-01', Date.UTC(2026, 0, 1)],
		['2026-01-01T14:30', Date.UTC(2026, 0, 1, 14, 30)],
		['2026-01-01 14:30:05Z', Date.UTC(2026, 0, 1, 14, 30, 5)],
	])('%s', (text, at) => expect(sinceMs(text, now)).toBe(at))

	test.each(['', '5', '0h', 'yesterday', '2026-13-01', '5s'])('%j is refused with what is expected', text =>
		expect(() => sinceMs(text, now)).toThrow(`--since ${text}: expected how long ago, or when in UTC`),
	)
})
