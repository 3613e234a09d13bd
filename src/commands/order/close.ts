import {string as text} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import type {Outcome} from '../../cli/envelope.js'
import {decimalFlags, dryRun, OrderCommand} from '../../cli/order-command.js'
import type {ManualOrder} from '../../daemon/client/manual-order.js'

export default class OrderClose extends OrderCommand {
	static override summary = 'Close a position, or a part of it, reduce-only; works while killed'
	static override description =
		'Exits with 6 when a gate refuses, 1 when the venue does, 3 when the outcome is not known in time.'
	static override args = {symbol: text({required: true, description: 'such as BTCUSDT'})}
	static override flags = {
		quantity: string({description: 'base units to close; left out: everything'}),
		'dry-run': dryRun,
	}

	protected async work(): Promise<Outcome<ManualOrder>> {
		const {args, flags} = await this.parse(OrderClose)
		const {quantity} = flags
		decimalFlags('close', {quantity})
		return this.ask({what: 'close', symbol: args.symbol, quantity}, flags['dry-run'])
	}
}
