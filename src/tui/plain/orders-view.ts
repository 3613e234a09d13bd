import type {OrderRow, ResultRow} from '../../daemon/client/orders.js'
import type {ListedPosition} from '../../daemon/client/positions.js'
import type {ForeignMark} from '../../engine/logic/foreign.js'
import type {Paint} from './colour.js'
import {type Column, table} from './table.js'
import {amount, instant, oneLine, signed} from './terms.js'

/** Gains and losses by colour and sign. */
export const gain = (text: string, paint: Paint, places = 4): string => {
	const value = Number(text)
	const shown = signed(text, places)
	return value > 0 ? paint('good', shown) : value < 0 ? paint('bad', shown) : shown
}

type Owned = Readonly<{foreign: ForeignMark | null}>

const stopText = ({stop, foreign}: ListedPosition, paint: Paint): string =>
	stop ? amount(stop.trigger_price, 6) : foreign === 'ignored' ? '-' : paint('bad', 'NONE')

/** Whose positions are, where any of them is not ours. */
export const foreignColumn = (rows: readonly Owned[]): readonly Column<Owned>[] =>
	rows.some(({foreign}) => foreign !== null) ? [{heading: 'FOREIGN', value: ({foreign}) => foreign ?? '-'}] : []

export const positionColumns = (
	paint: Paint,
	positions: readonly ListedPosition[],
): readonly Column<ListedPosition>[] => [
	{heading: 'SYMBOL', value: ({symbol}) => symbol},
	...foreignColumn(positions),
	{heading: 'SIDE', drop: 1, value: ({side}) => side},
	{heading: 'AMOUNT', align: 'right', drop: 3, value: row => amount(row.amount, 6)},
	{heading: 'ENTRY', align: 'right', drop: 4, value: ({entry_price}) => amount(entry_price, 6)},
	{heading: 'MARK', align: 'right', drop: 2, value: ({mark_price}) => amount(mark_price, 6)},
	{heading: 'NOTIONAL', align: 'right', drop: 5, value: ({notional_usdt}) => notional_usdt},
	{heading: 'UNREALISED', align: 'right', value: ({unrealised_pnl}) => gain(unrealised_pnl, paint)},
	{heading: 'STOP', align: 'right', value: row => stopText(row, paint)},
	{
		heading: 'TO LIQUIDATION',
		align: 'right',
		drop: 7,
		value: ({liquidation_distance: room}) => (room === null ? '-' : `${(room * 100).toFixed(1)} %`),
	},
	{
		heading: 'MARGIN',
		align: 'right',
		drop: 8,
		value: ({maintenance_margin: margin}) => (margin === undefined ? '-' : amount(margin, 2)),
	},
	{
		heading: 'TARGET',
		align: 'right',
		drop: 6,
		value: ({target}) => (target ? amount(target.trigger_price, 6) : '-'),
	},
]

export const positionsView = (
	positions: readonly ListedPosition[],
	paint: Paint,
	width = Number.POSITIVE_INFINITY,
): string => table(positionColumns(paint, positions), positions, {none: 'no open positions', width})

const orderColumns: readonly Column<OrderRow>[] = [
	{heading: 'SYMBOL', value: ({symbol}) => symbol},
	{heading: 'ROLE', value: ({role}) => role},
	{heading: 'SIDE', value: ({side}) => side},
	{heading: 'TYPE', drop: 3, value: ({order_type}) => order_type},
	{
		heading: 'QUANTITY',
		align: 'right',
		drop: 1,
		value: row => (row.close_position ? 'position' : amount(row.quantity, 6)),
	},
	{
		heading: 'PRICE',
		align: 'right',
		value: ({trigger_price, price}) => amount(Number(trigger_price) > 0 ? trigger_price : price, 6),
	},
	{heading: 'STATUS', drop: 2, value: ({status}) => status},
	{heading: 'PLAN', drop: 5, value: ({plan_id}) => plan_id || '-'},
	{heading: 'CLIENT ID', drop: 4, value: ({client_order_id}) => client_order_id},
]

export const ordersView = (orders: readonly OrderRow[], width = Number.POSITIVE_INFINITY): string =>
	table(orderColumns, orders, {none: 'no open orders', width})

const resultColumns: readonly Column<ResultRow>[] = [
	{heading: 'VENUE TIME', drop: 5, value: ({ts_ms}) => instant(ts_ms)},
	{heading: 'SYMBOL', value: ({symbol}) => symbol},
	{heading: 'ACTION', drop: 1, value: ({action}) => action},
	{heading: 'OUTCOME', value: ({decision}) => decision},
	{heading: 'QUANTITY', align: 'right', drop: 2, value: ({quantity}) => amount(quantity, 6)},
	{heading: 'PRICE', align: 'right', drop: 3, value: ({average_price}) => amount(average_price, 6)},
	{
		heading: 'MS',
		align: 'right',
		drop: 4,
		value: ({latency_ms}) => (latency_ms === null ? '-' : latency_ms.toFixed(1)),
	},
	{heading: 'PLAN', drop: 6, value: ({plan_id}) => plan_id},
	{heading: 'WHY', prose: true, value: ({error, detail}) => oneLine(error || detail)},
]

export const resultsView = (results: readonly ResultRow[], width = Number.POSITIVE_INFINITY): string =>
	table(resultColumns, results, {none: 'no results yet', width})
