import {keys} from '../../src/engine/contracts/keys.js'
import {
	applyPlan,
	applyResult,
	governorEvents,
	intentDeadLetter,
	portfolioGate,
} from '../../src/engine/contracts/streams/trade.js'
import {exact, isZero} from '../../src/engine/logic/exact.js'
import {fieldsOf, reserved} from '../engine/units/governed.js'
import {type StoryStep, SYMBOLS} from './steps.js'
import {type Defect, NOTIONAL_MAX, POSITIONS_MAX, World} from './world.js'

/** What a guarantee says, and what was found instead. */
export class Broken extends Error {
	constructor(guarantee: string, found: string) {
		super(`${guarantee} is broken: ${found}`)
	}
}

const openUsdt = ({venue}: World, symbol: string): number =>
	exact(venue.position(symbol)).abs().mul(venue.price).toNumber()

/** What must hold at every instant, by the venue's own account. */
const always = ({venue, forged, intents}: World): void => {
	const open = SYMBOLS.filter(symbol => !isZero(venue.position(symbol)))
	if (open.length > POSITIONS_MAX) throw new Broken('G1', `${open.length} positions at the venue`)
	const notional = SYMBOLS.reduce(
		(sum, symbol) => sum + exact(venue.position(symbol)).abs().mul(venue.price).toNumber(),
		0,
	)
	if (notional > NOTIONAL_MAX) throw new Broken('G2', `${notional} USDT open at the venue`)
	const entered = venue.log.filter(order => order.class === 'ENTRY')
	const unasked = entered.find(({plan_id}) => forged.includes(plan_id))
	if (unasked) throw new Broken('G3', `${unasked.plan_id} was carried out without a verdict`)
	if (entered.length > intents.length) throw new Broken('G3', `${entered.length} entries of ${intents.length} intents`)
	const ids = venue.log.map(({client_order_id}) => client_order_id)
	const twice = ids.find((id, index) => ids.indexOf(id) !== index)
	if (twice) throw new Broken('G9', `the order ${twice} was carried out twice`)
	for (const {plan_id, class: kind, asked, before, after, triggers} of venue.log) {
		if (kind === 'ENTRY') continue
		if (exact(before).isPositive() !== exact(after).isPositive() && !isZero(after))
			throw new Broken('G5', `${plan_id} turned ${before} into ${after}`)
		// Where the venue itself closed something meanwhile, an exit may come late; it is cut at the venue.
		if (asked && triggers === 0 && exact(asked).gt(exact(before).abs()))
			throw new Broken('G5', `${plan_id} closes ${asked} of ${before}`)
	}
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean => [...a].sort().join() === [...b].sort().join()

const once = (guarantee: string, what: string, found: readonly string[], wanted: readonly string[]): void => {
	if (sameSet(found, wanted)) return
	const count = (of: readonly string[], id: string) => of.filter(other => other === id).length
	const odd = [...new Set([...found, ...wanted])].filter(id => count(found, id) !== count(wanted, id))
	throw new Broken(
		guarantee,
		`${what}: ${odd.map(id => `${id} ${count(found, id)} times instead of ${count(wanted, id)}`).join(', ')}`,
	)
}

/** What must hold when everything has come to its end. */
const finally_ = async (world: World): Promise<void> => {
	const {venue, intents, exits, forged} = world
	const {bySymbol, total} = await reserved(world)
	const sum = SYMBOLS.reduce((all, symbol) => all + openUsdt(world, symbol) * 1_000_000, 0)
	if (Math.abs(total - sum) > 0.5) throw new Broken('G2', `${total} micro-USDT set aside, and ${sum} open at the venue`)
	for (const symbol of SYMBOLS) {
		const held = bySymbol[symbol]
		if (isZero(venue.position(symbol)) !== (held === undefined))
			throw new Broken('G1', `the slot of ${symbol}: ${JSON.stringify(held)}`)
		if (held && held.plan_id !== '') throw new Broken('G9', `${held.plan_id} never ended`)
		const {amount = '0'} = await fieldsOf(world, keys.positionSnapshot, {symbol})
		if (!exact(amount).eq(venue.position(symbol)))
			throw new Broken('G9', `${symbol} is ${venue.position(symbol)} at the venue and ${amount} for us`)
		const lock = await fieldsOf(world, keys.exitLock, {symbol})
		if ((lock.plan_id ?? '') !== '') throw new Broken('G5', `the exit lock of ${symbol} is held by ${lock.plan_id}`)
		if (!isZero(amount) && venue.guarding(symbol) !== 1)
			throw new Broken('G9', `${venue.guarding(symbol)} stops guard ${symbol}`)
	}

	const gate = await world.entries(portfolioGate)
	const ended = [
		...gate.flatMap(({decision, intent_id = ''}) => (decision === 'REFUSE' ? [intent_id] : [])),
		...(await world.entries(applyPlan)).flatMap(({intent_id}) => intent_id ?? []),
		...(await world.entries(intentDeadLetter)).map(
			({fields}) => (JSON.parse(fields ?? '{}') as {id?: string}).id ?? '',
		),
	]
	once('G6', 'outcomes of intents', ended, intents)
	const plans = (await world.entries(applyPlan)).map(({plan_id = ''}) => plan_id)
	if (!exits.every(id => plans.includes(id))) throw new Broken('G9', 'a plan is lost')
	const events = (await world.entries(governorEvents)).filter(({unit}) => unit === 'governor')
	const first = events.filter(
		({id = '', verdict}) => !id.startsWith('again') && (verdict === 'ALLOW' || verdict === 'REFUSE'),
	)
	once(
		'G6',
		'verdicts on plans',
		first.map(({plan_id = ''}) => plan_id),
		plans,
	)
	const allowed = first.filter(({verdict}) => verdict === 'ALLOW').map(({plan_id = ''}) => plan_id)
	const results = (await world.entries(applyResult)).filter(
		({cause = '', plan_id = ''}) => !cause.startsWith('again') && !forged.includes(plan_id),
	)
	once(
		'G6',
		'results of verdicts',
		results.map(({plan_id = ''}) => plan_id),
		allowed,
	)
	const carried = venue.log.filter(({class: kind}) => kind === 'ENTRY').map(({plan_id}) => plan_id)
	const executed = results.filter(
		({decision, action}) => decision === 'EXECUTED' && (action === 'OPEN' || action === 'ADD'),
	)
	once(
		'G9',
		'entries at the venue and in our results',
		executed.map(({plan_id = ''}) => plan_id),
		carried,
	)
}

export type Played = Readonly<{world: World; orders: number; deaths: number; words: readonly string[]}>

/** Plays a story on a new world. @throws Broken at the first guarantee that does not hold. */
export const judged = async (steps: readonly StoryStep[], defect: Defect = {}): Promise<Played> => {
	const world = await World.open(defect)
	for (const step of steps) {
		await world.take(step)
		always(world)
	}
	await world.settle()
	always(world)
	await finally_(world)
	const verdicts = (await world.entries(governorEvents)).map(({verdict, reason}) => `${verdict} ${reason}`)
	const results = (await world.entries(applyResult)).map(({decision, error}) => `${decision} ${error ?? ''}`.trim())
	return {world, orders: world.venue.log.length, deaths: world.deaths, words: [...new Set([...verdicts, ...results])]}
}
