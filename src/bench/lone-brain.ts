import {untilAborted} from '../engine/adapters/clock/wait.js'
import {applyPlan} from '../engine/contracts/streams/trade.js'
import {anyUnit} from '../engine/contracts/unit.js'
import {exitbrain} from '../engine/units/exec/exitbrain.js'
import type {PlanSeen} from './exit-positions.js'
import {LoneUnit} from './lone-unit.js'

const unit = anyUnit(exitbrain)
const filters = {run: (_: unknown, signal: AbortSignal) => untilAborted(signal)}

/** The owner of exits, alone on its bus. */
export class LoneBrain extends LoneUnit {
	constructor(redis_url: string, prefix: string) {
		super({redis_url, prefix, unit, adapters: {feeds: {filters}, effects: {}}})
	}

	async plans(): Promise<PlanSeen[]> {
		const rows = await this.redis.xrange(this.naming.stream(applyPlan.name), '-', '+')
		return rows.map(([id, flat]) => ({id, symbol: flat[flat.indexOf('symbol') + 1] ?? ''}))
	}

	planned(): Promise<number> {
		return this.redis.xlen(this.naming.stream(applyPlan.name))
	}
}
