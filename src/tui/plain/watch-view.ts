import type {Trading, WatchSnapshot} from '../../daemon/client/watch.js'
import type {WatchedPosition} from '../../daemon/client/watch-state.js'
import type {Paint} from './colour.js'
import {essLine} from './ess-line.js'
import {foreignColumn, gain} from './orders-view.js'
import {armingLine} from './status-view.js'
import {type Column, table} from './table.js'
import {amount, duration, instant, known, oneLine, signed, speedText} from './terms.js'
import {fitText} from './width.js'

/** Machine age from which data is called STALE on the screen. */
const STALE_MS = 10_000
const REASONS_SHOWN = 4

const positionColumns = (paint: Paint, positions: readonly WatchedPosition[]): readonly Column<WatchedPosition>[] => [
	{heading: 'POSITION', value: ({symbol}) => symbol},
	...foreignColumn(positions),
	{heading: 'AMOUNT', align: 'right', drop: 1, value: row => signed(row.amount, 6)},
	{heading: 'ENTRY', align: 'right', drop: 3, value: ({entry_price}) => amount(entry_price, 6)},
	{heading: 'PRICE', align: 'right', drop: 2, value: ({mid_price}) => (mid_price ? amount(mid_price, 6) : 'unknown')},
	{heading: 'UNREALISED', align: 'right', value: ({unrealised_pnl}) => gain(unrealised_pnl, paint, 2)},
	{
		heading: 'STOP AT THE VENUE',
		value: ({stop_resting, stop_price}) =>
			stop_resting
				? `${paint('good', 'resting')}${stop_price ? ` at ${amount(stop_price, 6)}` : ''}`
				: paint('bad', 'NOT RESTING'),
	},
]

const ageText = ({quote_age_ms, stale}: Trading, paint: Paint): string => {
	if (quote_age_ms === null) return paint('bad', 'no data yet')
	const aged = `data ${duration(quote_age_ms)} old`
	if (stale.length > 0) return `${paint('bad', 'STALE')} ${stale.join(', ')}, ${aged}`
	return quote_age_ms > STALE_MS ? `${paint('bad', 'STALE')} ${aged}` : aged
}

const stagesText = ({stages}: WatchSnapshot, paint: Paint): string =>
	stages.map(({name, open}) => (open ? paint('good', `${name} open`) : paint('busy', `${name} SHUT`))).join('  ')

const verdictText = ({tally}: Trading): string => {
	const reasons = Object.entries(tally.reasons)
		.slice(0, REASONS_SHOWN)
		.map(([reason, count]) => `${reason} ${count}`)
	const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : ''
	return `plans    ${tally.allowed} allowed, ${tally.refused} refused${why}; orders ${tally.executed} accepted, ${tally.failed} not placed`
}

const backlogText = ({backlog}: Trading): string => {
	const {entries, worst, oldest_ms} = backlog
	const oldest = oldest_ms ? `, oldest ${duration(oldest_ms)} (${worst})` : ''
	return `backlog  ${known(entries)} entries${oldest}`
}

const tradingLines = (trading: Trading, paint: Paint): readonly string[] => {
	const {sums} = trading
	return [
		`books    ${sums.trades} closed trades, ${sums.fills} fills: realised ${gain(sums.realised_pnl, paint, 4)}, fees ${amount(sums.fees)}, funding ${signed(sums.funding)}, net ${gain(sums.net, paint, 4)} USDT`,
		verdictText(trading),
		`${backlogText(trading)}; ${ageText(trading, paint)}`,
	]
}

const tradingTables = ({positions, trades}: Trading, paint: Paint, width: number): readonly string[] => [
	'',
	table(positionColumns(paint, positions), positions, {none: 'no open positions', width}),
	'',
	table(
		[
			{heading: 'LAST TRADES', value: ({symbol}) => symbol},
			{heading: 'SIDE', drop: 2, value: ({side}) => side},
			{heading: 'NET', align: 'right', value: ({net_pnl}) => gain(net_pnl, paint)},
			{heading: 'BY', drop: 1, value: ({exit_reason}) => exit_reason},
			{heading: 'CLOSED (VENUE)', drop: 3, value: ({closed_ms}) => instant(closed_ms)},
		],
		trades,
		{none: 'no closed trades yet', width},
	),
]

const armed = ({arming}: WatchSnapshot, paint: Paint): string =>
	armingLine({kill: !arming.armed, kill_reason: arming.why, arm: arming.last ?? null}, paint) +
	(arming.armed ? '' : '; when that is settled: qt go')

/** The running system on one screen. */
export const watchView = (snapshot: WatchSnapshot, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {at_ms, mode, market, speed, trading, failed, alarms, problem} = snapshot
	const clock = trading?.clock ? `, venue time ${instant(trading.clock.venue_ms)}` : ''
	// What is wrong comes first: the end of the screen is what a low window lacks.
	const head = [
		`${paint('strong', `qt  ${mode}`)}, ${market} market, ${speedText(speed)}${clock}`,
		armed(snapshot, paint),
		...(trading?.ess ? [`ess      ${essLine(trading.ess, at_ms, paint)}`] : []),
		`stages   ${stagesText(snapshot, paint)}`,
		...failed.map(({name, reason}) => paint('bad', `FAILED ${name}: ${oneLine(reason ?? '')}`)),
		...alarms.slice(-2).map(({at, message}) => `${at.slice(11, 19)} ${paint('bad', oneLine(message))}`),
		...(trading ? tradingLines(trading, paint) : [paint('bad', `STALE: ${problem}`)]),
	]
	return [fitText(head.join('\n'), width), ...(trading ? tradingTables(trading, paint, width) : [])].join('\n')
}

/** The same in one line, for output that is not a terminal. */
export const watchLine = (snapshot: WatchSnapshot, paint: Paint): string => {
	const {mode, speed, trading, arming, stages, problem} = snapshot
	const open = stages.filter(stage => stage.open).length
	const head = `${mode} ${speedText(speed)} ${arming.armed ? 'ARMED' : `KILLED (${arming.why})`} stages ${open}/${stages.length}`
	if (!trading) return `${head} STALE: ${problem}`
	const {clock, positions, sums, tally, ess} = trading
	const bare = positions.filter(({stop_resting}) => !stop_resting).length
	const stop = ess && ess.state !== 'NORMAL' ? ` ESS ${ess.state} (${ess.rule})` : ''
	return `${head}${stop} venue ${clock ? instant(clock.venue_ms) : 'unknown'} positions ${positions.length}${bare > 0 ? ` (${bare} WITHOUT STOP)` : ''} trades ${sums.trades} net ${signed(sums.net)} plans ${tally.allowed}/${tally.allowed + tally.refused} ${ageText(trading, paint)}`
}
