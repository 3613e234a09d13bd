import {resolve} from 'node:path'
import {string as stringArgument} from '@oclif/core/args'
import {QtCommand} from '../../cli/base-command.js'
import type {Outcome} from '../../cli/envelope.js'
import type {PolicyProblem} from '../../engine/logic/policy-check.js'

type Checked = Readonly<{file: string; problems: readonly PolicyProblem[]}>

export default class PolicyCheck extends QtCommand<Checked> {
	static override summary = 'Check a policy file; nothing is changed'
	static override description =
		'Names path, value and expectation of every problem, and exits with 2 when there is one.'
	static override args = {file: stringArgument({required: true, description: 'a YAML file'})}

	protected async work(): Promise<Outcome<Checked>> {
		const {args} = await this.parse(PolicyCheck)
		const [{readPolicyFile}, {problemText}, {EXIT_CODES}] = await Promise.all([
			import('../../daemon/client/policy.js'),
			import('../../engine/logic/policy-check.js'),
			import('../../engine/exit-codes.js'),
		])
		const file = resolve(args.file)
		const found = readPolicyFile(file)
		if (found.ok) return {data: {file, problems: []}, text: `${file} is in order`}
		const {problems} = found
		return {
			data: {file, problems},
			text: '',
			code: EXIT_CODES.usage,
			message: `${file}: ${problems.map(problemText).join('; ')}`,
			hint: 'qt policy show lists the fields with their units',
		}
	}
}
