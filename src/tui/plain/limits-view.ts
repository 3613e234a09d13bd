import type {LimitRow, LimitsView} from '../../daemon/client/limits.js'
import type {Paint} from './colour.js'
import {shareText} from './exposure-view.js'
import {table} from './table.js'
import {amount, duration} from './terms.js'

const shownOf = ({name}: LimitRow, value: string): string =>
	name.endsWith('_ms') ? duration(Number(value)) : amount(value, 2)

/** The limits of the policy, the ones that stand used first as they are declared. */
export const limitsView = ({limits}: LimitsView, paint: Paint, width = Number.POSITIVE_INFINITY): string =>
	table(
		[
			{heading: 'LIMIT', value: ({name}) => name},
			{heading: 'USED', align: 'right', value: row => (row.used === null ? 'per plan' : shownOf(row, row.used))},
			{heading: 'OF', align: 'right', value: row => shownOf(row, row.limit)},
			{heading: 'SHARE', align: 'right', drop: 1, value: ({share}) => (share === null ? '' : shareText(share, paint))},
			{heading: 'MOST BY', drop: 2, value: ({symbol}) => symbol},
			{heading: 'SET BY', drop: 3, value: ({set_by}) => set_by},
		],
		limits,
		{width},
	)
