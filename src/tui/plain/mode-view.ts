import type {ModeNeed, ModeView} from '../../daemon/client/mode.js'
import type {Paint} from './colour.js'
import {fitText} from './width.js'

const NAME_CHARS = 9

const needLines = ({mode, needs, credentials}: ModeNeed): readonly string[] => {
	const lines = needs.length === 0 ? ['needs nothing: the venue is embedded'] : needs
	const missing = credentials ? [] : ['no credentials are set in this environment']
	return [...lines, ...missing].map((line, index) => `${(index === 0 ? mode : '').padEnd(NAME_CHARS)}${line}`)
}

/** The mode, and what each one needs. */
export const modeView = ({mode, before, state, modes}: ModeView, paint: Paint, width: number): string => {
	const changed = before === null ? '' : `, was ${before}: it holds from the next start (qt up)`
	const change = 'change it by: qt down, then qt up --mode paper, testnet or live'
	return fitText(
		[`${paint('strong', mode)}  ${state}${changed}`, '', ...modes.flatMap(needLines), '', change].join('\n'),
		width,
	)
}
