import type {Core} from './core.js'
import {type Dec, dec, money, zero} from './decimal.js'
import type {Asset} from './records.js'

/** What a fee paid in BNB costs of what it costs in USDT. */
const burnShare = dec('0.9')

export type Fee = Readonly<{fee: Dec; asset: Asset}>

export const noFee: Fee = {fee: zero, asset: 'USDT'}

/** Price of BNB: the mark of its own contract, else the one of the configuration; undefined without either. */
const bnbPrice = (core: Core): Dec | undefined => {
	const mark = core.rules.has('BNBUSDT') ? core.mark('BNBUSDT') : zero
	if (!mark.isZero()) return mark
	const {bnb_usdt} = core.config
	return bnb_usdt === undefined ? undefined : dec(bnb_usdt)
}

/** The fee of a fill. In BNB, with its discount, where the account wants that and holds enough for the whole of it. */
export const feeOf = (core: Core, quote: Dec, maker: boolean): Fee => {
	const full = quote.mul(maker ? core.fees.maker : core.fees.taker)
	const {fee_burn, bnb_wallet} = core.state.account
	const price = fee_burn ? bnbPrice(core) : undefined
	if (price === undefined) return {fee: money(full), asset: 'USDT'}
	const burned = money(full.mul(burnShare).div(price))
	return burned.lte(bnb_wallet) ? {fee: burned, asset: 'BNB'} : {fee: money(full), asset: 'USDT'}
}
