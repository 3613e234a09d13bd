import {equal, exact, textOf} from './exact.js'

const DECIMAL = /^-?\d+(\.\d+)?$/

/**
 * Our amount after a correction that says: you have `expected`, the venue has `amount`. Fills and corrections reach us
 * by different ways, so a fill that followed the comparison may have come before it: then the correction is taken as
 * the difference that it found, and the order of arrival makes no difference.
 */
export const correctedAmount = (
	ours: string,
	{amount, expected}: Readonly<{amount: string; expected?: string | undefined}>,
): string => {
	const overtaken = expected !== undefined && DECIMAL.test(expected) && !equal(ours, expected) && !equal(ours, amount)
	return textOf(overtaken ? exact(ours).add(amount).sub(expected) : exact(amount))
}
