import {string as text} from '@oclif/core/args'
import type {Outcome} from '../../cli/envelope.js'
import {dryRun, OrderCommand} from '../../cli/order-command.js'
import type {ManualOrder} from '../../daemon/client/manual-order.js'

export default class OrderCancel extends OrderCommand {
	static override summary = 'Cancel a resting stop or target by its client id; a stop that is missed is placed again'
	static override description = 'qt orders lists what rests. Exits with 6 when a gate refuses, 1 when the venue does.'
	static override args = {
		symbol: text({required: true, description: 'such as BTCUSDT'}),
		client_id: text({required: true, description: 'as qt orders shows it'}),
	}
	static override flags = {'dry-run': dryRun}

	protected async work(): Promise<Outcome<ManualOrder>> {
		const {args, flags} = await this.parse(OrderCancel)
		return this.ask({what: 'cancel', symbol: args.symbol, client_ids: [args.client_id]}, flags['dry-run'])
	}
}
