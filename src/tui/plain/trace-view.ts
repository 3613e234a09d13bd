import type {Trace} from '../../daemon/client/trace.js'
import type {TraceNode} from '../../daemon/client/trace-links.js'
import {idTime} from '../../engine/bus/stream-id.js'
import {applyResult} from '../../engine/contracts/streams/trade.js'
import type {Paint} from './colour.js'
import {gain} from './orders-view.js'
import {amount, instant, oneLine} from './terms.js'
import {fitText, padded, widthOf} from './width.js'

/** Fields that tell what an entry says, in the order in which they are read. */
const TELLING = [
	'kind',
	'verdict',
	'reason',
	'action',
	'decision',
	'error',
	'side',
	'status',
	'effect',
	'amount',
	'quantity',
	'price',
	'bid',
	'ask',
	'close',
	'stop_price',
	'trigger_price',
	'realised_pnl',
	'fee',
	'net_pnl',
	'exit_reason',
	'stop_resting',
	'plan_id',
] as const

const NUMERIC = /^-?\d+(\.\d+)?$/

const telling = ({fields}: TraceNode): string =>
	TELLING.flatMap(name => {
		const value = fields[name]
		if (value === undefined || value === '') return []
		return [`${name}=${NUMERIC.test(value) ? amount(value, 8) : oneLine(value)}`]
	}).join(' ')

type Line = Readonly<{tree: string; latency: string; node: TraceNode}>

const linesOf = (node: TraceNode, lead: string, last: boolean, top: boolean): readonly Line[] => {
	const branch = top ? '' : `${lead}${last ? '└─' : '├─'}${node.link === 'order' ? '~' : ' '}`
	const deeper = top ? '' : `${lead}${last ? '   ' : '│  '}`
	const latency = node.latency_ms === null ? '' : `${node.latency_ms >= 0 ? '+' : ''}${node.latency_ms} ms`
	return [
		{tree: branch + node.stream, latency, node},
		...node.children.flatMap((child, index) => linesOf(child, deeper, index === node.children.length - 1, false)),
	]
}

/** How long the way from each root to the first word of the sender took. */
const wholeWays = (roots: readonly TraceNode[]): readonly string[] => {
	const sent = (node: TraceNode): readonly TraceNode[] => [
		...(node.stream === applyResult.name ? [node] : []),
		...node.children.flatMap(sent),
	]
	const ways = roots.flatMap(root => {
		const [first] = sent(root)
		if (!first || first === root) return []
		const took_ms = idTime(first.stream_id) - idTime(root.stream_id)
		const asked =
			first.fields.latency_ms === undefined ? '' : `, ${amount(first.fields.latency_ms, 1)} ms of it at the venue`
		return [`from ${root.stream} to ${first.stream} ${took_ms} ms${asked}`]
	})
	return ways.length > 0 ? ['', ...ways] : []
}

/** The tree from the source to what came of it; `~` hangs on an order instead of a recorded cause. */
export const traceView = (
	{id, roots, trimmed, fills, trades, journal}: Trace,
	paint: Paint,
	width = Number.POSITIVE_INFINITY,
): string => {
	const lines = roots.flatMap(root => linesOf(root, '', true, true))
	const wide = Math.max(...lines.map(({tree}) => widthOf(tree)))
	const late = Math.max(...lines.map(({latency}) => latency.length))
	const unit = Math.max(...lines.map(({node}) => node.unit.length))
	const may = Math.max(...lines.map(({node}) => node.authority.length))
	const shown = lines.map(({tree, latency, node}) => {
		const told = `${node.fields.symbol ?? ''} ${telling(node)}`.trim()
		return `${padded(tree, wide)}  ${padded(latency, late, 'right')}  ${padded(node.unit, unit)}  ${paint(node.authority === 'live' ? 'strong' : 'faint', padded(node.authority, may))}  ${instant(node.ts_ms)}  ${told}`.trimEnd()
	})
	const text = [
		lines.length > 0
			? `${id}: ${lines.length} entries; times to the right of a stream are machine time since its cause, dates are venue time`
			: `${id}: its entries were trimmed from every stream; what the journal keeps of it:`,
		'',
		...shown,
		...wholeWays(roots),
		...(trimmed.length > 0
			? ['', `${trimmed.length} causes are on no stream any more: ${trimmed.slice(0, 5).join(', ')}`]
			: []),
		'',
		...(journal === '' ? [] : [`the journal cannot be read: ${journal}`]),
		...fills.map(
			fill =>
				`ledger  fill ${fill.symbol} ${fill.trade_id}: ${fill.side} ${fill.quantity} at ${fill.price}, fee ${fill.fee} ${fill.fee_asset}, realised ${fill.realised_pnl}, plan ${fill.plan_id || '-'}`,
		),
		...trades.map(
			trade =>
				`ledger  trade ${trade.trade_id}: ${trade.side} ${trade.symbol} ${trade.quantity}, ${amount(trade.entry_price, 8)} to ${amount(trade.exit_price, 8)} by ${trade.exit_reason}, net ${gain(trade.net_pnl, paint, 8)}`,
		),
	].join('\n')
	return fitText(text, width)
}
