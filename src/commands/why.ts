import {string as text} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import {decimalFlags} from '../cli/order-command.js'
import {requireSymbol} from '../cli/symbol-flag.js'
import type {Why as WhyNow} from '../daemon/client/why.js'
import type {Wanted} from '../daemon/client/why-ask.js'
import type {WhyPast} from '../daemon/client/why-past.js'
import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

/** It follows an intent through all streams. */
const WITHIN_MS = 60_000

type Data = WhyNow | WhyPast

export default class Why extends QtCommand<Data> {
	static override summary = 'Say why a symbol does or does not trade: every condition, its value and its limit'
	static override description =
		'Exits with 0 when it has a position, enters one or would; 3 when not; 5 when Redis cannot be asked. With --at it tells what the record says of then.'
	static override args = {symbol: text({required: true, description: 'such as BTCUSDT'})}
	static override flags = {
		side: string({options: ['buy', 'sell'], description: 'ask about an order of this side, signal or not'}),
		notional: string({description: 'size in USDT; left out: of the newest intent, else of the policy'}),
		at: string({description: 'machine time: 10m ago, 2h ago, or an instant in UTC', exclusive: ['side', 'notional']}),
	}

	protected async work(): Promise<Outcome<Data>> {
		const {args, flags} = await this.parse(Why)
		const symbol = requireSymbol(args.symbol, 'symbol')
		decimalFlags('why', {notional: flags.notional})
		if (flags.at !== undefined) return this.#past(symbol, flags.at)
		const side = flags.side === undefined ? undefined : flags.side === 'buy' ? ('BUY' as const) : ('SELL' as const)
		return this.#now(symbol, {side, notional: flags.notional})
	}

	async #now(symbol: string, wanted: Wanted): Promise<Outcome<Data>> {
		const [{withState}, {readWhy, whyWithoutState}, {verdictText, whyView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/why.js'),
			import('../tui/plain/why-view.js'),
		])
		const asked = {symbol, wanted, now_ms: Date.now}
		try {
			const data = await withState(this.home, state => readWhy(this.home, state, asked), {within_ms: WITHIN_MS})
			const shown = whyView(data, this.paint, this.width)
			if (data.verdict.would) return {data, text: shown}
			const hint = data.verdict.check?.remedy || 'see qt status'
			return {data, text: shown, code: EXIT_CODES.drift, message: `${symbol} ${verdictText(data)}`, hint}
		} catch (error) {
			if (!(error instanceof OperatorError) || error.exit_code !== EXIT_CODES.unreachable) throw error
			const data = await whyWithoutState(this.home, asked)
			const {message, hint = 'see qt status'} = error
			return {data, text: whyView(data, this.paint, this.width), code: EXIT_CODES.unreachable, message, hint}
		}
	}

	async #past(symbol: string, at: string): Promise<Outcome<Data>> {
		const [{withState}, {readPast}, {pastText, whyPastView}, {instantMs}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/why-past-reading.js'),
			import('../tui/plain/why-past-view.js'),
			import('../daemon/client/time-span.js'),
		])
		const now_ms = Date.now()
		const at_ms = instantMs('--at', at, now_ms)
		if (at_ms > now_ms)
			throw new OperatorError(`--at ${at}: lies in the future`, {
				exit_code: EXIT_CODES.usage,
				hint: `leave it out for now; qt why ${symbol}`,
			})
		const data = await withState(this.home, state => readPast(this.home, state, {symbol, at_ms}), {
			within_ms: WITHIN_MS,
		})
		const shown = whyPastView(data, this.paint, this.width)
		if (data.code === 'POSITION' || data.code === 'TRADED') return {data, text: shown}
		const hint = data.newest ? `qt trace ${data.newest.id}` : 'qt flow shows what was asked for'
		return {data, text: shown, code: EXIT_CODES.drift, message: `${symbol} ${pastText(data)}`, hint}
	}
}
