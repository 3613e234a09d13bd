import type {FaultKinds} from './fault.js'

/** What operators do. */
export const peopleFaults: FaultKinds = {
	'qt kill, later qt go': {
		group: 'people',
		weight: 2,
		ms: [500, 5_000],
		strike: async ({operator}, {ms}) => operator.kill(ms),
	},
	'qt pause, later qt resume': {
		group: 'people',
		weight: 2,
		ms: [500, 5_000],
		strike: async ({operator}, {ms}) => operator.pause(ms),
	},
}
