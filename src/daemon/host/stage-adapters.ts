import {messageOf} from '../../engine/errors.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import type {DaemonStatus} from '../daemon.js'
import {getJson} from '../running/probes.js'
import type {Environment} from './environment.js'

const EVERY_MS = 1_000
const WITHIN_MS = 2_000

/** Tells health-gate each change of a stage, as the daemon grants it. */
export const stageAdapters = ({config, clock, log}: Environment): UnitAdapters => ({
	effects: {},
	feeds: {
		stages: {
			run: async (push, signal) => {
				const known = new Map<string, string>()
				while (!signal.aborted) {
					try {
						const {body} = await getJson(
							{socketPath: config.control_socket},
							'/status',
							AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]),
						)
						for (const {name, open, blocked_by} of (body as DaemonStatus).stages) {
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
