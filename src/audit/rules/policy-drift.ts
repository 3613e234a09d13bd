import {problemText} from '../../engine/logic/policy-check.js'
import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const policyDrift = defineRule({
	name: 'policy-drift',
	summary: 'The policy file of the home says what no version in the store says.',
	severity: 'warning',
	remedy: 'qt policy apply <file> --reason <why> puts it in force; or remove the file',
	needs: ['policy'],
	look: (_, {policy}) => {
		if (policy.finding === 'NONE') return []
		if (policy.finding === 'BROKEN')
			return [
				{
					subject: shown(policy.path),
					declared: 'a policy',
					observed: shown(policy.problems.map(problemText).join('; ')),
					proof: command('qt', 'policy', 'check', policy.path),
				},
			]
		return [
			{
				subject: shown(policy.path),
				declared: `version ${policy.version} is in force`,
				observed: `differs in ${shown(policy.changes.map(({path}) => path).join(', '))}`,
				proof: command('qt', 'policy', 'diff'),
			},
		]
	},
})
