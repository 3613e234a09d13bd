import {command, shown} from '../quoting.js'
import {defineRule} from '../rule.js'

export const barePosition = defineRule({
	name: 'bare-position',
	summary: 'A position has no stop resting at the venue.',
	severity: 'critical',
	remedy: 'qt kill completes missing stops; qt trace <plan> says why there is none',
	needs: ['venue'],
	look: (_, {venue}) =>
		venue.positions
			.filter(({stop, foreign}) => stop === null && foreign !== 'ignored')
			.map(({symbol, side, amount}) => ({
				subject: shown(symbol),
				declared: 'a stop at the venue that covers the whole position',
				observed: `${side} ${amount} without one`,
				proof: command('qt', 'positions'),
			})),
})
