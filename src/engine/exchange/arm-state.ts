import type {ArmRecord} from './arm-record.js'
import type {FenceContext, FenceVerdict} from './order-request.js'

/** The arm state that all share, as it is read: text, and anything may be missing. */
export type SharedArmState = Readonly<
	Partial<
		Record<'kill' | 'armed' | 'epoch' | 'execution' | 'mode' | 'by' | 'reason' | 'time_ms', string | undefined>
	> & {
		/** Symbols that an operator has stopped. */
		blocked?: readonly string[]
	}
>
export type PermitState = Readonly<{state?: string | undefined; epoch?: string | undefined}>

/** What reading the file gave: `missing` is a gateway that was never armed, `unreadable` one that cannot know. */
export type ArmFileReading = ArmRecord | 'missing' | 'unreadable'

const epochOf = (text: string | undefined): number | undefined =>
	text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined

/** Why a request does not leave, asked as it leaves. */
export const fenceReasons = {
	ARM_FILE_UNREADABLE: 'The gateway’s own arm file is missing or cannot be read.',
	KILLED: 'The system was stopped.',
	EPOCH_OLD: 'The plan was allowed in another arm epoch.',
	STATE_UNREACHABLE: 'Redis did not answer in time.',
	DISARMED: 'The system is not armed.',
	EXECUTION_DISABLED: 'Execution is disabled.',
	PAUSED: 'Entries are paused.',
	SYMBOL_BLOCKED: 'An operator stopped this symbol.',
	BLOCK_FILE_UNREADABLE: 'The file of blocked symbols cannot be read: everything counts as blocked.',
	PERMIT_NOT_TAKEN: 'The permit was not taken, or in another epoch.',
} as const
export type FenceReason = keyof typeof fenceReasons
const refuse = (reason: FenceReason): FenceVerdict => ({ok: false, reason})
const pass: FenceVerdict = {ok: true}

/** Protection always passes: it can only close. So does a close that a person asks for. */
export const passesUnasked = ({class: kind, operator}: FenceContext): boolean =>
	kind === 'PROTECT' || (kind === 'EXIT' && operator)

/** Anything missing or unreadable means stopped. */
export const isArmed = (file: ArmFileReading): boolean => typeof file === 'object' && file.armed

/** The file's say: anything missing or unreadable means killed. */
export const judgeFile = (file: ArmFileReading, {epoch}: FenceContext): FenceVerdict => {
	if (file === 'missing' || file === 'unreadable') return refuse('ARM_FILE_UNREADABLE')
	if (!file.armed) return refuse('KILLED')
	return file.epoch === epoch ? pass : refuse('EPOCH_OLD')
}

export const judgeShared = (
	{kill, armed, epoch, execution, blocked = []}: SharedArmState,
	context: FenceContext,
): FenceVerdict => {
	if (kill !== '0') return refuse('KILLED')
	if (armed !== '1') return refuse('DISARMED')
	if (execution !== 'ENABLED' && execution !== 'REDUCE_ONLY') return refuse('EXECUTION_DISABLED')
	if (blocked.includes(context.symbol)) return refuse('SYMBOL_BLOCKED')
	if (execution === 'REDUCE_ONLY' && context.class === 'ENTRY') return refuse('PAUSED')
	return epochOf(epoch) === context.epoch ? pass : refuse('EPOCH_OLD')
}

export const judgePermit = ({state, epoch}: PermitState, context: FenceContext): FenceVerdict =>
	state === 'TAKEN' && epochOf(epoch) === context.epoch ? pass : refuse('PERMIT_NOT_TAKEN')

/**
 * The file that must be written for what all share now; undefined when it stands as it should. Monotonic: a newer epoch
 * is never replaced by an older one, nor a kill by an arming of the same epoch. So a 0 written by hand opens nothing,
 * and a file that cannot be read opens with the next arming only.
 */
export const nextArmFile = (current: ArmFileReading, shared: SharedArmState, now_ms: number): ArmRecord | undefined => {
	const epoch = epochOf(shared.epoch) ?? 0
	const armed = shared.kill === '0' && shared.armed === '1' && epochOf(shared.epoch) !== undefined
	const {mode = '', by = 'gateway', reason = 'the shared arm state has gone'} = shared
	const said = {mode, by, reason, time_ms: now_ms}
	if (current === 'missing') return {epoch, armed, ...said}
	if (current === 'unreadable') return {epoch, armed: false, ...said, reason: 'the arm file could not be read'}
	if (epoch > current.epoch) return {epoch, armed, ...said}
	if (armed || !current.armed) return undefined
	// Killed in the same epoch; or killed while the shared state has lost its epoch, which must count as well.
	const meant = epoch === current.epoch || shared.kill === '1' || shared.epoch === undefined
	return meant ? {...said, epoch: current.epoch, armed: false} : undefined
}
