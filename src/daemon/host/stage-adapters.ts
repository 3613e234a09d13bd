import {messageOf} from '../../engine/errors.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import {askDaemon} from './daemon-status.js'
import type {Environment} from './environment.js'

const EVERY_MS = 1_000

/** Tells health-gate each change of a stage, as the daemon grants it. */
export const stageAdapters = (environment: Environment): UnitAdapters => ({
	effects: {},
	feeds: {
		stages: {
			run: async (push, signal) => {
				const {clock, log} = environment
				const known = new Map<string, string>()
				while (!signal.aborted) {
					try {
						const {stages} = await askDaemon(environment, signal)
						for (const {name, open, blocked_by} of stages) {
							const state = JSON.stringify([open, blocked_by])
							if (known.get(name) === state) continue
							known.set(name, state)
							await push({name, open, since_ms: clock.machine(), blocked_by: blocked_by.join(', ')})
						}
					} catch (error) {
						if (!signal.aborted) log.warn({error: messageOf(error)}, 'the daemon does not answer')
					}
					await clock.wait(EVERY_MS, signal)
				}
			},
		},
	},
})
