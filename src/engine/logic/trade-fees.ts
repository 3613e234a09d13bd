import {add, exact, isZero, settlementAsset, textOf} from './exact.js'

/** What a trade has paid: in the asset that its symbol settles in, and apart from it what was paid in others (BNB). */
export type TradeFees = Readonly<{
	fees: string
	/** By asset, exact; left out when there are none. There is no price here to convert them by. */
	other_fees?: Readonly<Record<string, string>>
}>

type Charged = Readonly<{symbol: string; fee_asset: string}>

export const noFees: TradeFees = {fees: '0'}

export const withFee = (
	{fees, other_fees}: TradeFees,
	{symbol, fee_asset}: Charged,
	amount: string,
): Partial<TradeFees> => {
	if (fee_asset === settlementAsset(symbol)) return {fees: add(fees, amount)}
	return isZero(amount) ? {} : {other_fees: {...other_fees, [fee_asset]: add(other_fees?.[fee_asset] ?? '0', amount)}}
}

/** Decimals of a share of a fee; the other share is what is left of it, so that the sum stays exact. */
const FEE_PLACES = 18

/** What turns through flat ends one trade and begins another: each bears its part of the fee. */
export const splitFee = (fee: string, part: string, whole: string): readonly [ended: string, begun: string] => {
	const share = exact(fee).times(part).dividedBy(whole).toDecimalPlaces(FEE_PLACES)
	return [textOf(share), textOf(exact(fee).minus(share))]
}
