import type {Fields} from '../../src/engine/contracts/field.js'
import {applyPlan, applyResult, governorEvents, tradeClosed} from '../../src/engine/contracts/streams/trade.js'
import type {Outputs} from './outputs.js'

type Scene = readonly [what: string, unit: string, stream: string, is: (entry: Fields) => boolean]

const done = (entry: Fields, actions: RegExp): boolean =>
	entry.decision === 'EXECUTED' && actions.test(entry.action ?? '')

/** What a run that is held must show. */
const scenes: readonly Scene[] = [
	[
		'an entry is allowed',
		'governor',
		governorEvents.name,
		({verdict, plan}) => verdict === 'ALLOW' && /"action":"OPEN"/.test(plan ?? ''),
	],
	[
		'an entry is refused',
		'governor',
		governorEvents.name,
		({verdict, reason}) => verdict === 'REFUSE' && reason === 'POSITION_EXISTS',
	],
	['a position is opened', 'apply-layer', applyResult.name, entry => done(entry, /^OPEN$/)],
	[
		'it is protected',
		'apply-layer',
		applyResult.name,
		entry => done(entry, /^OPEN$/) && entry.stop_client_id !== undefined,
	],
	['the owner of its exit asks for a part', 'exitbrain', applyPlan.name, ({action = ''}) => /PARTIAL/.test(action)],
	['a part of it is closed', 'apply-layer', applyResult.name, entry => done(entry, /PARTIAL/)],
	[
		'its stop is moved',
		'apply-layer',
		applyResult.name,
		entry => done(entry, /^(REPLACE_STOP|MOVE_SL_BE|TRAIL_UPDATE)$/),
	],
	['it is closed', 'execution', tradeClosed.name, () => true],
]

/** What of it does not happen; a fill is booked in a journal, which is no stream. */
export const missingOf = (outputs: Outputs): readonly string[] => {
	const missing = scenes.filter(([, unit, stream, is]) => {
		const entries = outputs.get(`${unit} > stream:${stream}`) ?? []
		return !entries.some(({text}) => is(JSON.parse(text) as Fields))
	})
	const booked = outputs.get('trade-logger asks')?.some(({text}) => text.includes('"kind":"trade"'))
	return [...missing.map(([what]) => what), ...(booked ? [] : ['the trade is booked'])]
}
