import {setTimeout as pause} from 'node:timers/promises'
import {SYMBOLS} from '../daemon/system/settings.js'
import {keys} from '../engine/contracts/keys.js'
import {marketTick} from '../engine/contracts/streams/market.js'
import {readRequestLog} from '../paper-exchange/request-log.js'
import {type Bench, spreadOf} from './bench.js'
import {type Hand, Outcomes, place, refusalsText} from './hand-intents.js'
import {OwnSystem} from './own-system.js'
import {type VenueLine, type VenueStory, venueStory} from './venue-story.js'
import {widePolicy} from './wide-policy.js'

/** Ten that enter at one moment: the eight, and two that are made up. */
const ENTERING = [...SYMBOLS, 'SIM001USDT', 'SIM002USDT']
/** Venue time runs so much faster that ten symbols give 200 ticks in each second of the machine. */
const SPEED = 20
const ENTRIES = 300
const HELD_MS = 30_000
const CLEARED_EVERY_MS = 500
const CEILING_MS = 1_000

type Held = Readonly<Record<string, string>>

/** Waits until so many positions are open and have their stop, by what the system says of them. */
const allProtected = (system: OwnSystem, count: number): Promise<true> =>
	system.find(`a stop for each of ${count} positions`, HELD_MS, async () => {
		const held = await Promise.all(ENTERING.map(symbol => system.hash(keys.positionSnapshot, {symbol})))
		return held.filter(isProtected).length >= count ? true : undefined
	})
const isProtected = ({amount = '0', stop_resting}: Held): boolean => Number(amount) !== 0 && stop_resting === 'true'

/** What stands in the venue's own log, and nothing else. */
const storyOf = ({home}: OwnSystem): VenueStory =>
	venueStory([...readRequestLog(home.venue)] as unknown as readonly VenueLine[])

/** Waits until nothing is left that the next entries could meet, or no longer; says what is left. */
const leftAfterClosing = async (system: OwnSystem): Promise<string[]> => {
	const deadline = performance.now() + HELD_MS
	for (;;) {
		const {open, resting} = storyOf(system)
		const slots = Object.keys(await system.hash(keys.reservations, {})).length
		if (open + resting + slots === 0) return []
		if (performance.now() > deadline)
			return [`${open} positions, ${resting} stops and ${slots} slots were left ${HELD_MS} ms after closing`]
		await pause(CLEARED_EVERY_MS)
	}
}

/** All enter at one moment; when each has its stop, all close. Returns what was refused, and what was left. */
const round = async (system: OwnSystem, outcomes: Outcomes) => {
	const each = (action: Hand['action']) => ENTERING.map(symbol => ({symbol, action}))
	const refusals = await outcomes.settled(await place(system, each('OPEN')))
	await allProtected(system, ENTERING.length - refusals.length)
	refusals.push(...(await outcomes.settled(await place(system, each('CLOSE')))))
	return {refusals, left: await leftAfterClosing(system)}
}

export const protection: Bench = {
	name: 'protection',
	summary: `From the fill to the stop at rest, ${ENTERING.length} entries at one moment, by the venue's own log.`,
	run: async ({scale}) => {
		const system = await OwnSystem.make(widePolicy(ENTERING))
		try {
			await system.start('--speed', String(SPEED), '--symbols', ENTERING.join())
			const [begun, ticks] = [performance.now(), await system.taken(marketTick.name)]
			const [outcomes, refusals] = [new Outcomes(system), [] as string[]]
			const left: string[] = []
			const rounds = Math.max(1, Math.round((ENTRIES * scale) / ENTERING.length))
			for (let n = 0; n < rounds; n += 1) {
				const of = await round(system, outcomes)
				refusals.push(...of.refusals)
				left.push(...of.left)
			}
			const rate = ((await system.taken(marketTick.name)) - ticks) / ((performance.now() - begun) / 1_000)
			const {bare, positions_max} = storyOf(system)
			return {
				measurements: [],
				ratios: [],
				floors: [],
				spreads: [
					spreadOf(
						'fill to stop at rest',
						'ms',
						bare.map(({ms}) => ms),
						CEILING_MS,
						'p99',
					),
				],
				notes: [
					`${rounds} times ${ENTERING.length} entries, ${bare.length} of them filled and bare for a while, ${positions_max} positions at one time, ${Math.round(rate)} ticks/s while it ran`,
					...refusalsText(refusals),
					...left,
				],
			}
		} finally {
			await system.close()
		}
	},
}
