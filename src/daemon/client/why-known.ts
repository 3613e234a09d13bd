import {keys} from '../../engine/contracts/keys.js'
import type {Policy} from '../../engine/contracts/policy.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {closestName} from './closest.js'
import type {State} from './state.js'

/** @throws OperatorError (usage) for a symbol that neither venue nor policy knows */
export const requireKnown = async ({bus, naming}: State, symbol: string, {allowlist}: Policy): Promise<void> => {
	if (allowlist.includes(symbol)) return
	const found = await Promise.all([
		bus.hashAll(naming.key(keys.marketFilters, {symbol})),
		bus.hashAll(naming.key(keys.marketQuote, {symbol})),
		bus.hashAll(naming.key(keys.positionSnapshot, {symbol})),
	])
	if (found.some(fields => Object.keys(fields).length > 0)) return
	const closest = closestName(symbol, allowlist)
	throw new OperatorError(`unknown symbol: ${symbol}`, {
		exit_code: EXIT_CODES.usage,
		hint: closest === undefined ? 'qt universe lists those that are traded' : `did you mean ${closest}?`,
	})
}
