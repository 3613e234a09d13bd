import {MODES, type Mode} from '../../engine/contracts/mode.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {requireAudit} from './audit.js'
import type {Home} from './home.js'
import {readStatus} from './system-status.js'

export type ModeNeed = Readonly<{
	mode: Mode
	needs: readonly string[]
	/** Whether the environment of this command has what can be seen from here: the credentials. */
	credentials: boolean
}>

export type ModeView = Readonly<{
	mode: string
	/** Mode before a change by this call; null where nothing was changed. */
	before: string | null
	/** State of the system, as in a status. */
	state: string
	modes: readonly ModeNeed[]
}>

const KEYS = 'QT_API_KEY and QT_API_SECRET in the environment of qt up'
const ACCOUNT = 'one-way position mode and cross margin at the venue'
const NEEDS: Readonly<Record<Mode, readonly string[]>> = {
	PAPER: [],
	TESTNET: [`${KEYS}, of the testnet`, ACCOUNT, 'the phrase that qt go asks for'],
	LIVE: [`${KEYS}, of a key without withdrawal rights`, ACCOUNT, 'the phrase that qt go asks for'],
}

const running = (mode: string, wanted: Mode, state: string): OperatorError =>
	new OperatorError(`the system is ${state} in mode ${mode}; its mode cannot change while it runs`, {
		exit_code: EXIT_CODES.refused,
		hint: `qt down, then: qt up --mode ${wanted.toLowerCase()}`,
	})

/**
 * The mode of a home and what each mode needs. With `wanted`, the mode that the next start takes.
 * @throws OperatorError (refused) when it is to change while anything of the system runs
 */
export const systemMode = async (
	home: Home,
	{env, now_ms, wanted}: Readonly<{env: NodeJS.ProcessEnv; now_ms: () => number; wanted?: Mode | undefined}>,
): Promise<ModeView> => {
	const {mode, state} = await readStatus(home)
	const given = Boolean(env.QT_API_KEY && env.QT_API_SECRET)
	const modes = MODES.map(name => ({mode: name, needs: NEEDS[name], credentials: name === 'PAPER' || given}))
	if (wanted === undefined || wanted === mode) return {mode, before: null, state, modes}
	if (state !== 'STOPPED') throw running(mode, wanted, state)
	const [{readSettings, writeSettings}, {settingsFor}, {makeHome}] = await Promise.all([
		import('../system/settings.js'),
		import('./system-choice.js'),
		import('../system/home.js'),
	])
	makeHome(home)
	await requireAudit(home, now_ms, {what: 'mode', why: `qt mode ${wanted}`, before: {mode}, after: {mode: wanted}})
	writeSettings(home, settingsFor({mode: wanted}, readSettings(home), false))
	return {mode: wanted, before: mode, state, modes}
}
