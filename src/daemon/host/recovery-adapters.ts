import {sweepGroups} from '../../engine/adapters/redis/stream-recovery.js'
import {readersOf, streams} from '../../engine/registry.js'
import {noAdapters, type UnitAdapters} from '../../engine/runtime/adapters.js'
import type {Environment} from './environment.js'

export const recoveryAdapters = async ({bus, naming, clock}: Environment): Promise<UnitAdapters> => ({
	...noAdapters,
	effects: {
		sweep: {
			perform: async request => {
				const {idle_ms} = request as Readonly<{idle_ms: number}>
				const units = (stream: string) => readersOf(stream).map(({name}) => name)
				const options = {redis: bus.redis, naming, streams, readersOf: units, now_ms: clock.machine()}
				return sweepGroups({...options, idle_ms, dry_run: false})
			},
		},
	},
})
