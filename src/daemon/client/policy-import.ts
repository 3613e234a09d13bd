import {readFileSync} from 'node:fs'
import {resolve} from 'node:path'
import {parseEnv} from 'node:util'
import {messageOf, OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {type FormerReading, readFormer} from '../../engine/logic/former-environment.js'
import {problemText} from '../../engine/logic/policy-check.js'
import {storedSystem} from './home.js'
import {type Applied, type ChangeOptions, changePolicy} from './policy.js'

export type Imported = Applied & Pick<FormerReading, 'taken' | 'left' | 'kept'>

const envOf = (file: string): Readonly<Record<string, string | undefined>> => {
	try {
		return parseEnv(readFileSync(file, 'utf8'))
	} catch (error) {
		throw new OperatorError(`${file} cannot be read: ${messageOf(error)}`, {
			exit_code: EXIT_CODES.usage,
			hint: 'name a file with NAME=value lines',
		})
	}
}

/**
 * Imports the former environment once, as a version of its own; in LIVE only what tightens.
 * @throws OperatorError (refused) the second time, (usage) for values that are none or when nothing is there
 */
export const importFormer = async (
	options: ChangeOptions,
	{file, env}: Readonly<{file: string | undefined; env: NodeJS.ProcessEnv}>,
): Promise<Imported> => {
	const path = file === undefined ? undefined : resolve(file)
	const given = path === undefined ? env : envOf(path)
	const tighten_only = storedSystem(options.home).mode === 'LIVE'
	let reading: FormerReading | undefined
	const applied = await changePolicy(options, (inForce, versions) => {
		const earlier = versions.find(({origin}) => origin === 'environment')
		if (earlier)
			throw new OperatorError(`the former environment was imported before, as version ${earlier.version}`, {
				exit_code: EXIT_CODES.refused,
				hint: 'change the policy with qt policy apply',
			})
		reading = readFormer(given, inForce, {tighten_only, whole: path !== undefined})
		const {problems, taken, policy} = reading
		if (problems.length > 0 || taken.length === 0)
			throw new OperatorError(
				problems.map(problemText).join('; ') || 'no former name that the policy knows was found',
				{
					exit_code: EXIT_CODES.usage,
					hint: 'nothing was imported; qt policy import-env --file <file> reads NAME=value lines',
				},
			)
		return {policy, origin: 'environment', source: taken.join(' ')}
	})
	const {taken = [], left = [], kept = []} = reading ?? {}
	return {...applied, taken, left, kept}
}
