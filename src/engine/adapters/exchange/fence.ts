import {
	judgeFile,
	judgePermit,
	judgeShared,
	type PermitState,
	passesUnasked,
	type SharedArmState,
} from '../../exchange/arm-state.js'
import {blockFileBeside} from '../../exchange/block-path.js'
import {judgeBlocks} from '../../exchange/block-state.js'
import {exchangeLimits as limits} from '../../exchange/exchange-limits.js'
import type {Fence, FenceContext, FenceVerdict} from '../../exchange/order-request.js'
import {readArmFile} from './arm-file.js'
import {readBlockFile} from './block-file.js'

export type FenceOptions = Readonly<{
	/** The gateway's own arm file; the file of blocked symbols lies beside it. */
	file: string
	/** The arm state that all share. */
	shared: () => Promise<SharedArmState>
	/** The permit of a plan. */
	permit: (plan_id: string) => Promise<PermitState>
}>

const inTime = async <Value>(ask: () => Promise<Value>): Promise<Value | undefined> => {
	let timer: NodeJS.Timeout | undefined
	const late = new Promise<undefined>(resolve => {
		timer = setTimeout(() => resolve(undefined), limits.fence_timeout_ms)
	})
	try {
		return await Promise.race([ask(), late])
	} catch {
		return undefined
	} finally {
		clearTimeout(timer)
	}
}

const judgeFiles = (file: string, context: FenceContext): FenceVerdict => {
	const armed = judgeFile(readArmFile(file), context)
	return armed.ok ? judgeBlocks(readBlockFile(blockFileBeside(file)), context) : armed
}

/**
 * Whether a request that creates orders may leave, asked as it leaves: the files, what all share, the permit, and the
 * files once more, because a kill may have been written while we asked. Whatever cannot be read refuses.
 */
export const armFence =
	({file, shared, permit}: FenceOptions): Fence =>
	async context => {
		if (passesUnasked(context)) return {ok: true}
		const byFile = judgeFiles(file, context)
		if (!byFile.ok) return byFile
		const answers = await inTime(() => Promise.all([shared(), permit(context.plan_id)]))
		if (!answers) return {ok: false, reason: 'STATE_UNREACHABLE'}
		const byShared = judgeShared(answers[0], context)
		if (!byShared.ok) return byShared
		const byPermit = judgePermit(answers[1], context)
		if (!byPermit.ok) return byPermit
		return judgeFiles(file, context)
	}

/** For what a person sends past a kill: lets pass only what cannot open or increase anything. */
export const reducingFence: Fence = async context =>
	passesUnasked(context) ? {ok: true} : {ok: false, reason: 'KILLED'}

export {GatewayGuard, type GuardOptions, type GuardReport} from './gateway-guard.js'
