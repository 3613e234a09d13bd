import {executionResult, tradeExecutionRes} from '../../contracts/streams/trade.js'
import {defineUnit} from '../../contracts/unit.js'
import {exact, textOf} from '../../logic/exact.js'
import {effectOfFill, signedQuantity} from '../../logic/fills.js'

/** Decimals that an entry may hold. */
const PLACES = 18

export const executionResultBridge = defineUnit({
	name: 'execution-result-bridge',
	target: 'exec',
	kind: 'stream',
	summary: 'Venue-native results to the one normalised execution result.',
	reads: {fill: tradeExecutionRes},
	writes: {result: executionResult},
	keys: {},
	initial: () => ({}),
	on: {
		fill: (_, {maker, client_order_id: __, ...fill}, {emit}) => {
			const after = exact(fill.position_amount)
			return {
				wishes: [
					emit.result({
						...fill,
						notional_usdt: textOf(exact(fill.price).times(fill.quantity).toDecimalPlaces(PLACES)),
						liquidity: maker ? 'MAKER' : 'TAKER',
						effect: effectOfFill(after.minus(signedQuantity(fill)), after),
					}),
				],
			}
		},
	},
})
