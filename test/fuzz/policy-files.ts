import {rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import * as fc from 'fast-check'
import {stringify} from 'yaml'
import {readPolicyFile} from '../../src/daemon/system/policy-file.js'
import {defaultPolicy, policyFields} from '../../src/engine/contracts/policy.js'
import {type PolicyValues, problemText, withValue} from '../../src/engine/logic/policy-check.js'
import {temporaryHome} from '../support/temporary-home.js'
import {Finding, type Tally} from './finding.js'
import {hostile} from './values.js'

const SHOWN_CHARS = 500
const PLACES_MAX = 3

/** Each name stands for ten of the one before: nine of them are a thousand million values. */
const bomb = [
	'a0: &a0 [x]',
	...Array.from({length: 9}, (_, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(', ')}]`),
].join('\n')

const value = fc.oneof(
	hostile,
	fc.constantFrom<unknown>(null, true, false, -1, 0, 0.5, 1e308, Number.MAX_SAFE_INTEGER + 2, Number.NaN, [], {}, [[]]),
	fc.constantFrom<unknown>('60s', '60_000', '2 %', '1,000', '200 USDT', ['BTCUSDT', 'BTCUSDT'], ['btc usdt']),
)
const path = fc.oneof(
	{weight: 8, arbitrary: fc.constantFrom(...policyFields.map(field => field.path))},
	{
		weight: 2,
		arbitrary: fc.constantFrom(
			['cooldown_seconds'],
			['__proto__'],
			['constructor'],
			['stop'],
			['ess', 'nothing'],
			[''],
		),
	},
)
const changed = fc
	.array(fc.tuple(path, value), {minLength: 1, maxLength: PLACES_MAX})
	.map(changes =>
		changes.reduce<PolicyValues>((policy, [path, value]) => withValue(policy, path, value), defaultPolicy),
	)
	.map(policy => stringify(policy))
const torn = fc.tuple(changed, fc.double({min: 0, max: 1, noNaN: true}), hostile).map(([text, share, inside]) => {
	const at = Math.floor(text.length * share)
	return text.slice(0, at) + inside + text.slice(at)
})
const file = fc.oneof(
	{weight: 6, arbitrary: changed},
	{weight: 3, arbitrary: torn},
	{
		weight: 1,
		arbitrary: fc.oneof(
			hostile,
			fc.constantFrom(bomb, 'a: &a [*a]', '---\n---\n', '- 1', '!!js/function x', 'a: 1\na: 2'),
		),
	},
)

/** Checks malformed files as `qt policy check` does. @throws Finding */
export const fuzzPolicies = async (count: number, seed: number): Promise<Tally> => {
	const place = await temporaryHome('qt-fz-')
	const name = join(place.path, 'policy.yaml')
	let refused = 0
	try {
		for (const [index, text] of fc.sample(file, {seed, numRuns: count}).entries()) {
			writeFileSync(name, text)
			refused += checked(name, `file ${index}, seed ${seed}: ${JSON.stringify(text).slice(0, SHOWN_CHARS)}`)
		}
		rmSync(name)
	} finally {
		await place.remove()
	}
	return {tried: count, refused}
}

/** 1 when it is refused. @throws Finding */
const checked = (name: string, shown: string): number => {
	const found = (() => {
		try {
			return readPolicyFile(name)
		} catch (error) {
			throw new Finding(`not a report: ${error instanceof Error ? error.stack : String(error)}: ${shown}`)
		}
	})()
	if (!found.ok) {
		const empty = found.problems.find(({path, found, expected}) => path === '' || found === '' || expected === '')
		if (found.problems.length === 0 || empty)
			throw new Finding(`refused without a reason: ${JSON.stringify(found.problems)} in ${shown}`)
		return 1
	}
	// What is in order can be written down, and says the same when it is read again.
	writeFileSync(name, stringify(found.policy))
	const again = readPolicyFile(name)
	if (!again.ok) throw new Finding(`in order, and then not: ${again.problems.map(problemText).join('; ')}: ${shown}`)
	return 0
}
