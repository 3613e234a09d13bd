import type {Fields} from '../contracts/field.js'
import {readClientId} from './client-id.js'
import type {UnplannedOrder} from './health.js'

type OrderOfOurs = UnplannedOrder & Readonly<{plan_id: string}>

/**
 * Orders of ours in these entries of the venue's events that can open a position, each once. What only reduces is left
 * out: an operator closes past a kill by the same sender, and plans it nowhere.
 */
export const openingOrders = (entries: readonly Readonly<{fields: Fields}>[]): readonly OrderOfOurs[] => {
	const found = new Map<string, OrderOfOurs>()
	for (const {fields} of entries) {
		const {kind: of, client_order_id: client_id = '', symbol = 'unknown', reduce_only} = fields
		const {kind, plan_id} = readClientId(client_id)
		if (of === 'order' && kind === 'market' && reduce_only !== 'true')
			found.set(client_id, {client_id, symbol, plan_id})
	}
	return [...found.values()]
}
