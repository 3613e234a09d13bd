import type {PnlView} from '../../daemon/client/pnl.js'
import type {PnlRow} from '../../engine/logic/pnl-rows.js'
import type {Paint} from './colour.js'
import {gain} from './orders-view.js'
import {type Column, table} from './table.js'
import {amount, signed} from './terms.js'
import {fitText} from './width.js'

const proofOf = ({asset, name}: PnlRow, {proofs}: PnlView, paint: Paint): string => {
	const proof = proofs[name]
	if (asset !== 'USDT') return ''
	if (!proof) return 'not compared'
	return proof.differences === 0 ? 'agrees' : paint('bad', `${proof.differences} differ`)
}

const columns = (view: PnlView, paint: Paint): readonly Column<PnlRow>[] => [
	{heading: view.by.toUpperCase(), value: ({name}) => name},
	{heading: 'TRADES', align: 'right', drop: 5, value: ({trades}) => String(trades)},
	{heading: 'WON', align: 'right', drop: 6, value: ({won}) => String(won)},
	{heading: 'REALISED', align: 'right', drop: 2, value: ({realised_pnl}) => signed(realised_pnl)},
	{heading: 'FEES', align: 'right', drop: 3, value: ({commission}) => signed(commission)},
	{heading: 'FUNDING', align: 'right', drop: 4, value: ({funding}) => signed(funding)},
	{heading: 'OTHER', align: 'right', drop: 8, value: ({other}) => signed(other)},
	{heading: 'NET', align: 'right', value: ({net}) => gain(net, paint)},
	{heading: 'ASSET', drop: 7, value: ({asset}) => asset},
	...(view.by === 'day' ? [{heading: 'VENUE', drop: 1, value: (row: PnlRow) => proofOf(row, view, paint)}] : []),
]

/** The whole ledger, grouped; exact sums are in `--json`. */
export const pnlView = (view: PnlView, paint: Paint, width = Number.POSITIVE_INFINITY): string => {
	const totals = Object.entries(view.totals).map(
		([asset, {realised_pnl, commission, funding, other, net, transfers, trades, won}]) =>
			[
				`${asset}: realised ${signed(realised_pnl, 8)}, fees ${signed(commission, 8)}, funding ${signed(funding, 8)}`,
				`other ${signed(other, 8)}, net ${gain(net, paint, 8)}; transferred ${signed(transfers, 8)}`,
				...(trades > 0 ? [`${amount(String(won))} of ${trades} trades won`] : []),
			].join(', '),
	)
	const rows = table(columns(view, paint), view.rows, {none: 'the ledger is empty', width})
	return [rows, '', fitText(totals.join('\n'), width)].join('\n').trimEnd()
}
