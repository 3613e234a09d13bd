import type {OrderRow, ResultRow} from '../../daemon/client/orders.js'
import type {ProtectedPosition} from '../../daemon/client/positions.js'
import type {Paint} from './colour.js'
import {type Column, table} from './table.js'
import {amount, instant, signed} from './terms.js'

/** Gains and losses by colour and sign. */
export const gain = (text: string, paint: Paint, places = 4): string => {
	const value = Number(text)
	const shown = signed(text, places)
	return value > 0 ? paint('good', shown) : value < 0 ? paint('bad', shown) : shown
}

export const positionColumns = (paint: Paint): readonly Column<ProtectedPosition>[] => [
	{heading: 'SYMBOL', value: ({symbol}) => symbol},
	{heading: 'SIDE', value: ({side}) => side},
	{heading: 'AMOUNT', align: 'right', value: row => amount(row.amount, 6)},
	{heading: 'ENTRY', align: 'right', value: ({entry_price}) => amount(entry_price, 6)},
	{heading: 'MARK', align: 'right', value: ({mark_price}) => amount(mark_price, 6)},
	{heading: 'NOTIONAL', align: 'right', value: ({notional_usdt}) => notional_usdt},
	{heading: 'UNREALISED', align: 'right', value: ({unrealised_pnl}) => gain(unrealised_pnl, paint)},
	{heading: 'STOP', align: 'right', value: ({stop}) => (stop ? amount(stop.trigger_price, 6) : paint('bad', 'NONE'))},
	{heading: 'TARGET', align: 'right', value: ({target}) => (target ? amount(target.trigger_price, 6) : '-')},
]

export const positionsView = (positions: readonly ProtectedPosition[], paint: Paint): string =>
	table(positionColumns(paint), positions, 'no open positions')

const orderColumns: readonly Column<OrderRow>[] = [
	{heading: 'SYMBOL', value: ({symbol}) => symbol},
	{heading: 'ROLE', value: ({role}) => role},
	{heading: 'SIDE', value: ({side}) => side},
	{heading: 'TYPE', value: ({order_type}) => order_type},
	{heading: 'QUANTITY', align: 'right', value: row => (row.close_position ? 'position' : amount(row.quantity, 6))},
	{
		heading: 'PRICE',
		align: 'right',
		value: ({trigger_price, price}) => amount(Number(trigger_price) > 0 ? trigger_price : price, 6),
	},
	{heading: 'STATUS', value: ({status}) => status},
	{heading: 'PLAN', value: ({plan_id}) => plan_id},
	{heading: 'CLIENT ID', value: ({client_order_id}) => client_order_id},
]

export const ordersView = (orders: readonly OrderRow[]): string => table(orderColumns, orders, 'no open orders')

const resultColumns: readonly Column<ResultRow>[] = [
	{heading: 'VENUE TIME', value: ({ts_ms}) => instant(ts_ms)},
	{heading: 'SYMBOL', value: ({symbol}) => symbol},
	{heading: 'ACTION', value: ({action}) => action},
	{heading: 'OUTCOME', value: ({decision}) => decision},
	{heading: 'QUANTITY', align: 'right', value: ({quantity}) => amount(quantity, 6)},
	{heading: 'PRICE', align: 'right', value: ({average_price}) => amount(average_price, 6)},
	{heading: 'MS', align: 'right', value: ({latency_ms}) => (latency_ms === null ? '-' : latency_ms.toFixed(1))},
	{heading: 'PLAN', value: ({plan_id}) => plan_id},
	{heading: 'WHY', value: ({error, detail}) => (error || detail).split('\n')[0] ?? ''},
]

export const resultsView = (results: readonly ResultRow[]): string => table(resultColumns, results, 'no results yet')
