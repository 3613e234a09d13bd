/**
 * Money in scripts is an integer of micro-USDT (1e-6): Lua and Redis keep integers exact below 2^53,
 * which is about nine thousand million USDT.
 */
const SCALE = 6
const LIMIT = 2n ** 53n

/** A decimal text as micro-USDT, rounded away from zero so that a reservation never falls short. */
export const toMicro = (decimal: string): string => {
	const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal)
	if (!match) throw new Error(`Expected a decimal amount, got ${decimal}`)
	const [, sign = '', whole = '0', part = ''] = match
	const kept = BigInt(whole + part.slice(0, SCALE).padEnd(SCALE, '0'))
	const micro = /[1-9]/.test(part.slice(SCALE)) ? kept + 1n : kept
	if (micro >= LIMIT) throw new Error(`Amount ${decimal} USDT is beyond what scripts can count`)
	return `${micro === 0n ? '' : sign}${micro}`
}

export const fromMicro = (micro: string): string => {
	const negative = micro.startsWith('-')
	const digits = (negative ? micro.slice(1) : micro).padStart(SCALE + 1, '0')
	const part = digits.slice(-SCALE).replace(/0+$/, '')
	return `${negative ? '-' : ''}${digits.slice(0, -SCALE)}${part && `.${part}`}`
}
