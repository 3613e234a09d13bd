import {string as text} from '@oclif/core/args'
import {boolean, integer, string} from '@oclif/core/flags'
import type {Outcome} from '../../cli/envelope.js'
import {decimalFlags, dryRun, OrderCommand} from '../../cli/order-command.js'
import type {ManualOrder} from '../../daemon/client/manual-order.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'

export default class OrderPlace extends OrderCommand {
	static override summary = 'Open or add to a position by hand, through every gate; shows each of them'
	static override description =
		'Exits with 6 when a gate refuses, 1 when the venue does, 3 when the outcome is not known in time. Stop and target are derived by policy where they are not given.'
	static override args = {symbol: text({required: true, description: 'such as BTCUSDT'})}
	static override flags = {
		side: string({required: true, options: ['buy', 'sell'], description: 'buy is a long, sell a short'}),
		notional: string({description: 'size in USDT; more than the policy allows for one trade is clipped'}),
		quantity: string({description: 'size in base units instead', exclusive: ['notional']}),
		leverage: integer({min: 1, max: 125, description: 'left out: as high as the stop allows'}),
		stop: string({description: 'trigger price of the protective stop'}),
		target: string({description: 'trigger price of the target'}),
		add: boolean({description: 'add to the position that is open', default: false}),
		'dry-run': dryRun,
	}

	protected async work(): Promise<Outcome<ManualOrder>> {
		const {args, flags} = await this.parse(OrderPlace)
		const {notional: notional_usdt, quantity, stop: stop_price, target: target_price} = flags
		decimalFlags('place', {notional: notional_usdt, quantity, stop: stop_price, target: target_price})
		if (notional_usdt === undefined && quantity === undefined)
			throw new OperatorError('the size is missing: expected --notional <USDT> or --quantity <base units>', {
				exit_code: EXIT_CODES.usage,
				hint: 'see qt order place --help',
			})
		const asked = {
			what: 'place' as const,
			symbol: args.symbol,
			side: flags.side === 'buy' ? ('BUY' as const) : ('SELL' as const),
			notional_usdt,
			quantity,
			leverage: flags.leverage,
			stop_price,
			target_price,
			add: flags.add,
		}
		return this.ask(asked, flags['dry-run'])
	}
}
