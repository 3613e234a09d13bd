import {existsSync, readFileSync} from 'node:fs'
import {parse} from 'yaml'
import {defaultPolicy, type Policy, policySchema} from '../../engine/contracts/policy.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {Home} from './home.js'

/** The policy of a home: its `policy.yaml`, else the defaults. A wrong file stops the start and names each field. */
export const readPolicy = (home: Home): Policy => {
	if (!existsSync(home.policy)) return defaultPolicy
	const refuse = (detail: string): never => {
		throw new OperatorError(`${home.policy}: ${detail}`, {
			exit_code: EXIT_CODES.usage,
			hint: 'correct the file; nothing was started with it',
		})
	}
	let value: unknown
	try {
		value = parse(readFileSync(home.policy, 'utf8')) ?? {}
	} catch (error) {
		return refuse(error instanceof Error ? error.message : String(error))
	}
	const parsed = policySchema.safeParse(value)
	if (parsed.success) return parsed.data
	return refuse(parsed.error.issues.map(({path, message}) => `${path.join('.') || 'policy'}: ${message}`).join('; '))
}
