import type {ExposureView, LimitUse} from '../../daemon/client/exposure.js'
import type {Paint} from './colour.js'
import {foreignColumn, gain} from './orders-view.js'
import {table} from './table.js'
import {amount, duration, known, signed} from './terms.js'
import {fitText} from './width.js'

const PLACES = 2
const NEAR_FROM = 0.8

/** `45.3 %`. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** A share of a limit, coloured where it comes near. */
export const shareText = (share: number, paint: Paint): string =>
	share >= 1 ? paint('bad', percent(share)) : share >= NEAR_FROM ? paint('busy', percent(share)) : percent(share)

const limitLine = ({name, used, limit, share}: LimitUse, paint: Paint): string =>
	`${name}: ${amount(used, PLACES)} of ${limit}, ${shareText(share, paint)}`

const ageLine = ({age_ms, price_age_ms, stale}: ExposureView, paint: Paint): string => {
	const confirmed = `confirmed ${duration(age_ms)} ago`
	const prices = price_age_ms === null ? '' : `, oldest price ${duration(price_age_ms)} of venue time old`
	return `${stale ? paint('bad', confirmed) : confirmed}${prices}`
}

/** What is open against what may be. */
export const exposureView = (view: ExposureView, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const {equity_usdt, wallet_usdt, unrealised_pnl, gross_usdt, net_usdt, exposure_ratio, limits, positions} = view
	const head = [
		`gross ${amount(gross_usdt, PLACES)} USDT, net ${signed(net_usdt, PLACES)} USDT, ${exposure_ratio === null ? 'no equity to compare with' : `${percent(Number(exposure_ratio))} of equity`}`,
		`equity ${amount(equity_usdt, PLACES)} USDT = wallet ${amount(wallet_usdt, PLACES)} and unrealised ${gain(unrealised_pnl, paint, PLACES)}`,
		...limits.map(limit => limitLine(limit, paint)),
		ageLine(view, paint),
		'',
	]
	const rows = table(
		[
			{heading: 'SYMBOL', value: ({symbol}) => symbol},
			{heading: 'SIDE', drop: 2, value: ({side}) => side},
			{heading: 'AMOUNT', align: 'right', drop: 5, value: row => amount(row.amount, 6)},
			{heading: 'PRICE', align: 'right', drop: 4, value: ({price}) => amount(price, 6)},
			{heading: 'NOTIONAL', align: 'right', value: ({notional_usdt}) => signed(notional_usdt, PLACES)},
			{heading: 'UNREALISED', align: 'right', drop: 3, value: row => gain(row.unrealised_pnl, paint)},
			...foreignColumn(positions),
			{heading: 'OF GROSS', align: 'right', drop: 6, value: ({share}) => percent(share)},
			{heading: 'OF TRADE', align: 'right', drop: 1, value: ({share_of_trade}) => shareText(share_of_trade, paint)},
			{
				heading: 'PRICED',
				align: 'right',
				drop: 7,
				value: ({price_age_ms}) => known(price_age_ms === null ? null : `${duration(price_age_ms)} ago`),
			},
		],
		positions,
		{none: 'no open positions', width},
	)
	return `${fitText(head.join('\n'), width)}\n${rows}`
}
