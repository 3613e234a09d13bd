import type {ScriptReply} from '../contracts/script.js'
import {objectOf} from './name-values.js'

/** The answer of a unit's last step, as its lease keeps it for a repeat: `["decided", outcome, name, value, …]`. */
export const writeAnswer = ({outcome, fields}: ScriptReply): string =>
	JSON.stringify(['decided', outcome, ...Object.entries(fields).flat()])

export const readAnswer = (json: string | undefined): ScriptReply => {
	const [, outcome = '', ...words] = JSON.parse(json ?? '[]') as string[]
	return {outcome, fields: objectOf(words)}
}
