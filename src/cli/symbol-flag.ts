import {field} from '../engine/contracts/field.js'
import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES} from '../engine/exit-codes.js'
import {quoted} from '../engine/untrusted-text.js'

/** A symbol as somebody typed it. @throws OperatorError (usage) for what cannot be one */
export const requireSymbol = (name: string, what = '--symbol'): string => {
	const found = field.symbol().safeParse(name)
	if (found.success) return found.data
	throw new OperatorError(`${what} ${quoted(name)}: expected an id of the venue, such as BTCUSDT`, {
		exit_code: EXIT_CODES.usage,
		hint: 'qt positions and qt universe list them',
	})
}
