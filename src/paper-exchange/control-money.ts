import {z} from 'zod'
import {rebate, settleFunding, transfer} from './account.js'
import {parseBody, Refusal} from './control-body.js'
import {type Dec, dec, money, onGrid, text, zero} from './decimal.js'
import {deleverage} from './deleverage.js'
import {liquidate} from './liquidation.js'
import {accountRisk} from './margin.js'
import {type Asset, type Position, rebateTypes} from './records.js'
import type {Venue} from './venue.js'

const asset = z.enum(['USDT', 'BNB']).default('USDT')
const amount = z.string().regex(/^-?\d+(\.\d{1,8})?$/, 'a decimal with at most 8 places, for example "-25.5"')
const positive = z
	.string()
	.regex(/^\d+(\.\d+)?$/, 'a decimal above 0 as a string, for example "0.01"')
	.refine(value => Number(value) > 0, 'a decimal above 0')
const of = {symbol: z.string(), position_side: z.enum(['BOTH', 'LONG', 'SHORT']).default('BOTH')}

const transferBody = z.strictObject({asset, amount})
const rebateBody = z.strictObject({type: z.enum(rebateTypes), asset, amount, symbol: z.string().default('')})
const fundingBody = z.strictObject({
	symbol: z.string(),
	rate: z.string().regex(/^-?\d+(\.\d+)?$/, 'a share, as "0.0001"'),
})
const liquidateBody = z.strictObject(of)
const deleverageBody = z.strictObject({...of, quantity: positive.optional(), price: positive.optional()})

const knownSymbol = ({core}: Venue, symbol: string): void => {
	if (!core.rules.has(symbol)) throw new Refusal(`The market has no ${symbol}.`)
}

const openPosition = (venue: Venue, {symbol, position_side}: z.output<typeof liquidateBody>): Position => {
	knownSymbol(venue, symbol)
	const position = venue.core.positionOf(symbol, position_side)
	if (position.amount.isZero()) throw new Refusal(`There is no ${position_side} position in ${symbol}.`)
	return position
}

const wallet = ({core}: Venue, of: Asset) => ({asset: of, wallet: text(core.state.walletBalance(of))})

const available = ({core}: Venue, of: Asset): Dec =>
	of === 'BNB' ? core.state.account.bnb_wallet : accountRisk(core).available

const moved = (venue: Venue, body: string) => {
	const {asset, ...given} = parseBody(transferBody, body)
	const amount = money(dec(given.amount))
	if (amount.isZero()) throw new Refusal('The amount is zero; give what to deposit, or a negative amount to withdraw.')
	const free = available(venue, asset)
	if (amount.neg().gt(free)) throw new Refusal(`Only ${text(free)} ${asset} are available to withdraw.`)
	transfer(venue.core, amount, 'transfer', asset)
	venue.commit()
	return wallet(venue, asset)
}

const rebated = (venue: Venue, body: string) => {
	const {type, asset, symbol, ...given} = parseBody(rebateBody, body)
	if (symbol !== '') knownSymbol(venue, symbol)
	const amount = money(dec(given.amount))
	if (amount.lte(zero)) throw new Refusal('A rebate is above zero.')
	rebate(venue.core, type, amount, symbol, asset)
	venue.commit()
	return wallet(venue, asset)
}

const funded = (venue: Venue, body: string) => {
	const {symbol, rate} = parseBody(fundingBody, body)
	knownSymbol(venue, symbol)
	settleFunding(venue.core, symbol, rate)
	venue.commit()
	return wallet(venue, 'USDT')
}

const liquidated = (venue: Venue, body: string) => {
	liquidate(venue.core, openPosition(venue, parseBody(liquidateBody, body)))
	venue.commit()
	return wallet(venue, 'USDT')
}

/** The mark on the symbol's grid, unless a price is given. */
const deleveraged = (venue: Venue, body: string) => {
	const given = parseBody(deleverageBody, body)
	const position = openPosition(venue, given)
	const {tick, step} = venue.core.rulesOf(given.symbol)
	const size = position.amount.abs()
	const quantity = given.quantity === undefined ? size : dec(given.quantity)
	if (quantity.gt(size) || !onGrid(quantity, step)) {
		throw new Refusal(`The quantity is at most ${text(size)}, in steps of ${text(step)}.`)
	}
	const price = given.price === undefined ? venue.core.mark(given.symbol).div(tick).round().mul(tick) : dec(given.price)
	if (!onGrid(price, tick)) throw new Refusal(`The price is in steps of ${text(tick)}.`)
	const {id, client_id} = deleverage(venue.core, position, quantity, price)
	venue.commit()
	return {order_id: id, client_id, quantity: text(quantity), price: text(price)}
}

/** What happens to the money of an account without its asking. */
export const moneyControl: Readonly<Record<string, ((venue: Venue, body: string) => unknown) | undefined>> = {
	'POST /paper/transfer': moved,
	'POST /paper/rebate': rebated,
	'POST /paper/funding': funded,
	'POST /paper/liquidate': liquidated,
	'POST /paper/deleverage': deleveraged,
}
