import {exact} from './exact.js'

type At = Readonly<{
	/** Signed: above 0 long, below 0 short. */
	amount: string
	mark_price: string
	/** 0 or below: no price closes it. */
	liquidation_price: string
}>

/** Room up to liquidation as a share of the mark price; 0 once it is reached, null where there is no such price. */
export const liquidationDistance = ({amount, mark_price, liquidation_price}: At): number | null => {
	const [price, mark] = [exact(liquidation_price), exact(mark_price)]
	if (price.lte(0) || mark.lte(0)) return null
	const room = amount.startsWith('-') ? price.sub(mark) : mark.sub(price)
	return Math.max(0, room.div(mark).toDecimalPlaces(4).toNumber())
}
