import * as fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {defects} from './defects.js'
import {Broken, judged} from './judgement.js'
import {PORTS, type StoryStep, story} from './steps.js'

/** Stories among which each defect shows, and where it did: there it is looked for first. */
const [DEFECT_SEED, DEFECT_STORIES] = [3, 80]
const SHOWN: Readonly<Record<string, number>> = {
	'a permit serves again': 5,
	'one slot too many': 6,
	'the cap is not looked at': 1,
	'every exit gets the lock': 10,
	'a permit by hand opens': 0,
	'what may have been sent is sent again': 21,
}

const intent = (symbol: string): StoryStep => ({
	do: 'intent',
	symbol,
	side: 'BUY',
	action: 'OPEN',
	position_size_usd: '10',
})
/** Everybody from the first gate to the sender, up to the record of the request. */
const decided = (['portfolio-gate intent', 'intent-bridge gate', 'governor plan', 'apply-layer verdict'] as const).map(
	(name): StoryStep => ({do: 'handle', port: PORTS.findIndex(port => port.join(' ') === name)}),
)
/** A request is under way for a minute, while others want its place. */
const underWay: readonly StoryStep[] = [
	intent('AAAUSDT'),
	...decided,
	{do: 'pass', ms: 61_000},
	intent('BBBUSDT'),
	intent('币安人生USDT'),
	...decided,
	...Array.from({length: 3}, (): StoryStep => ({do: 'carry-out', parts: 1, cut: undefined})),
]

describe('the order path, whoever dies at whichever instant', () => {
	it('keeps every guarantee by the log of the venue', async () => {
		const met = new Set<string>()
		await fc.assert(
			fc.asyncProperty(story, async steps => {
				for (const word of (await judged(steps)).words) met.add(word)
			}),
			// The same ones each time; npm run simulate plays others.
			{numRuns: 25, seed: DEFECT_SEED, examples: [[[...underWay]]]},
		)
		// A suite that never gets anywhere would prove nothing.
		for (const word of ['ALLOW ALLOW', 'EXECUTED', 'SETTLED EXECUTED', 'SKIP RESERVATION_MISSING', 'REFUSE SLOTS_FULL'])
			expect([...met]).toContain(word)
	}, 120_000)

	it.each(Object.entries(defects))(
		'a defect is found: %s',
		async (name, defect) => {
			const stories = fc.sample(story, {seed: DEFECT_SEED, numRuns: DEFECT_STORIES})
			const find = async (): Promise<void> => {
				for (const steps of [underWay, stories[SHOWN[name] ?? 0] ?? [], ...stories]) await judged(steps, defect)
			}
			await expect(find()).rejects.toThrow(Broken)
		},
		120_000,
	)
})
