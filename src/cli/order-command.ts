import {boolean} from '@oclif/core/flags'
import type {Asked, ManualOrder} from '../daemon/client/manual-order.js'
import {OperatorError} from '../engine/errors.js'
import {EXIT_CODES, type ExitCode} from '../engine/exit-codes.js'
import {QtCommand} from './base-command.js'
import type {Outcome} from './envelope.js'

const CODES: Readonly<Record<ManualOrder['outcome'], ExitCode>> = {
	PREVIEW: EXIT_CODES.ok,
	EXECUTED: EXIT_CODES.ok,
	REFUSED: EXIT_CODES.refused,
	SKIPPED: EXIT_CODES.refused,
	FAILED: EXIT_CODES.failure,
	UNKNOWN: EXIT_CODES.drift,
}

export const dryRun = boolean({description: 'only ask the gates: send nothing', default: false})

/**
 * Sizes and prices as they were typed, before anything is asked: they become exact decimals later.
 * @throws OperatorError (usage) for the first that is none above 0
 */
export const decimalFlags = (command: string, flags: Readonly<Record<string, string | undefined>>): void => {
	for (const [name, value] of Object.entries(flags)) {
		if (value === undefined || (/^\d{1,20}(\.\d{1,18})?$/.test(value) && Number(value) > 0)) continue
		throw new OperatorError(`--${name} ${value}: expected a decimal number above 0, such as 0.015`, {
			exit_code: EXIT_CODES.usage,
			hint: `see qt order ${command} --help`,
		})
	}
}

/** Waits for verdict and result, each up to 15 s, after reading the state. */
const WITHIN_MS = 40_000

/** What placing, closing and cancelling have in common: the gates, the manual lane, the outcome. */
export abstract class OrderCommand extends QtCommand<ManualOrder> {
	protected async ask(asked: Asked, dry_run: boolean): Promise<Outcome<ManualOrder>> {
		const [{withState}, {manualOrder}, {manualOrderView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/manual-order.js'),
			import('../tui/plain/manual-order-view.js'),
		])
		const data = await withState(
			this.home,
			state => manualOrder(this.home, state, {asked, dry_run, now_ms: Date.now}),
			{within_ms: WITHIN_MS, as: 'operator'},
		)
		const {outcome, detail, preview, order, plan} = data
		const text = manualOrderView(data, this.paint, this.width)
		const refusal = preview.gates.find(({passed}) => !passed)
		if (outcome === 'PREVIEW' && refusal)
			return {
				data,
				text,
				code: EXIT_CODES.refused,
				message: `${refusal.code} would refuse it: ${refusal.meaning}`,
				hint: refusal.remedy,
			}
		if (outcome === 'PREVIEW' && order && 'refused' in order)
			return {
				data,
				text,
				code: EXIT_CODES.refused,
				message: `${order.refused.code}: ${order.refused.message}`,
				hint: 'choose a larger size',
			}
		const code = CODES[outcome]
		if (code === EXIT_CODES.ok) return {data, text}
		const known = preview.gates.find(gate => detail.startsWith(gate.code))
		const hint = outcome === 'UNKNOWN' ? `qt trace ${plan.plan_id}` : (known?.remedy ?? `qt trace ${plan.plan_id}`)
		return {data, text, code, message: `${outcome}: ${detail}`, hint}
	}
}
