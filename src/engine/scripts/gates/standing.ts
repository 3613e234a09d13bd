import {type Gate, heard, type Look, type Seen, seen} from './gate.js'

const isArmed = ({store, key}: Look): boolean =>
	store.get(key('kill')) === '0' &&
	store.hashGet(key('arm'), 'armed') === '1' &&
	store.hashGet(key('arm'), 'epoch') !== undefined

/** Protection of a filled position and an operator's close pass a kill. */
const isExempt = ({arg}: Look): boolean =>
	arg('class') === 'PROTECT' || (arg('class') === 'EXIT' && arg('operator') === '1')

/** Whether the system may act at all. */
export const standing: readonly Gate[] = [
	{
		code: 'KILLED',
		of: 'ALL',
		meaning: 'The system is not armed. Protective stops and an operator’s close pass.',
		remedy: 'qt status says who stopped it and why; qt go arms',
		look: look => seen(isArmed(look) || isExempt(look)),
	},
	{
		code: 'SYMBOL_BLOCKED',
		of: 'ALL',
		meaning: 'An operator stopped this symbol. Protective stops and an operator’s close pass.',
		remedy: 'qt status lists what is stopped; qt go --symbol lifts it',
		look: look => {
			const blocked = look.store.hashGet(look.key('blocked'), look.arg('symbol')) !== undefined
			return seen(!blocked || isExempt(look))
		},
	},
	{
		code: 'MODE_MISMATCH',
		of: 'ALL',
		meaning: 'This process runs in another mode than the system.',
		remedy: 'qt down, then qt up',
		look: ({store, key, arg}) => seen(store.get(key('mode')) === arg('mode')),
	},
	{
		code: 'EXECUTION_DISABLED',
		of: 'ALL',
		meaning: 'Plans are decided and recorded, and nothing is sent.',
		remedy: 'qt governor enable',
		look: ({store, key}) => {
			const execution = store.get(key('execution'))
			return seen(execution === 'ENABLED' || execution === 'REDUCE_ONLY')
		},
	},
	{
		code: 'PAUSED',
		of: 'ENTRY',
		meaning: 'Entries are paused; exits go on.',
		remedy: 'qt resume',
		look: ({store, key}) => seen(store.get(key('execution')) !== 'REDUCE_ONLY'),
	},
]

/** A guard has nothing to say against it. */
const isNormal =
	(guard: 'ess' | 'bsc') =>
	({store, key}: Look): Seen => {
		const state = store.hashGet(key(guard), 'state') ?? ''
		return seen(state === 'NORMAL', state, 'NORMAL')
	}

/** Whether those who watch over the risk are there, and content. */
export const watched: readonly Gate[] = [
	{
		code: 'SIDE_MISSING',
		of: 'ENTRY',
		meaning: 'The plan does not say whether to buy or to sell.',
		remedy: 'name a side',
		look: ({arg}) => seen(arg('side') !== '', '', 'BUY or SELL'),
	},
	{
		code: 'ESS_STALE',
		of: 'ENTRY',
		meaning: 'The Emergency Stop System has not confirmed its state: a silent guard counts as a tripped one.',
		unit: 'ms',
		remedy: 'see qt status: risk-safety must run',
		look: look => heard(look, 'ess', 'ess_silence_max_ms'),
	},
	{
		code: 'ESS_STOPPED',
		of: 'ENTRY',
		meaning: 'The Emergency Stop System is at WARNING or CRITICAL.',
		remedy: 'qt ess names the rule; WARNING ends by itself, CRITICAL by qt ess reset',
		look: isNormal('ess'),
	},
	{
		code: 'ESS_UNWATCHED',
		of: 'ENTRY',
		meaning: 'Nobody has looked lately whether the Emergency Stop System still speaks.',
		unit: 'ms',
		remedy: 'see qt status: ess-watch must run',
		look: look => heard(look, 'ess_watch', 'guard_silence_max_ms'),
	},
	{
		code: 'BSC_STALE',
		of: 'ENTRY',
		meaning: 'The Baseline Safety Controller has not looked: a silent guard counts as a tripped one.',
		unit: 'ms',
		remedy: 'see qt status: bsc must run',
		look: look => heard(look, 'bsc', 'guard_silence_max_ms'),
	},
	{
		code: 'BSC_TRIPPED',
		of: 'ENTRY',
		meaning: 'A rule of the Baseline Safety Controller is broken.',
		remedy: 'qt bsc names the rule; it ends with its cause',
		look: isNormal('bsc'),
	},
	{
		code: 'POLICY_CHANGING',
		of: 'ENTRY',
		meaning: 'Another version of the policy is in force than the one that this plan was judged by.',
		remedy: 'none: every process takes the new version within a second',
		look: ({store, key, arg}) => {
			const active = store.hashGet(key('policy'), 'version')
			return seen(active === undefined || active === arg('policy_version'), arg('policy_version'), active ?? '')
		},
	},
	{
		code: 'NOT_RECONCILED',
		of: 'ENTRY',
		meaning: 'The last comparison with the venue was not clean, or there was none.',
		remedy: 'wait for the next one; qt status names the differences',
		look: ({store, key}) => {
			const outcome = store.hashGet(key('reconcile'), 'outcome')
			return seen(outcome === 'CLEAN', outcome ?? 'never', 'CLEAN')
		},
	},
	{
		code: 'RECONCILE_STALE',
		of: 'ENTRY',
		meaning: 'The last comparison with the venue is too old.',
		unit: 'ms',
		policy: 'reconcile_stale_machine_ms',
		remedy: 'see qt status: reconcile-engine must run',
		look: look => heard(look, 'reconcile', 'reconcile_age_max_ms'),
	},
]
