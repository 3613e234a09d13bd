import {boolean} from '@oclif/core/flags'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {OrderRow, ResultRow} from '../daemon/client/orders.js'

type Data = Readonly<{orders: readonly OrderRow[]; results?: readonly ResultRow[]}>

const RESULTS_SHOWN = 30

export default class Orders extends QtCommand<Data> {
	static override summary = 'List what rests at the venue, regular and conditional, with the plan behind each'
	static override flags = {all: boolean({description: 'also what became of the latest plans'})}

	protected async work(): Promise<Outcome<Data>> {
		const {flags} = await this.parse(Orders)
		const [{withVenue}, {openOrders, recentResults}, {ordersView, resultsView}, {asOf}] = await Promise.all([
			import('../daemon/client/venue-access.js'),
			import('../daemon/client/orders.js'),
			import('../tui/plain/orders-view.js'),
			import('../tui/plain/terms.js'),
		])
		const orders = await withVenue(this.home, process.env, openOrders)
		const text = `${ordersView(orders, this.width)}\n\n${asOf('from the venue', Date.now())}`
		if (!flags.all) return {data: {orders}, text}
		const {withState} = await import('../daemon/client/state.js')
		const results = await withState(this.home, state => recentResults(state, RESULTS_SHOWN))
		return {data: {orders, results}, text: `${text}\n\n${resultsView(results, this.width)}`}
	}
}
