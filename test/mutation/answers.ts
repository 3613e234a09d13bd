import {defineScript} from '../../src/engine/contracts/script.js'

const settled: Readonly<Record<string, string>> = {
	text: 'as it is',
	whole: '5',
	negative: '-5',
	edge: String(Number.MAX_SAFE_INTEGER),
	negative_edge: String(Number.MIN_SAFE_INTEGER),
}
/** Values that a script may give, and those that the runtime must refuse: nothing of such a step may remain. */
export const VALUES = [...Object.keys(settled), 'large', 'negative_large', 'fraction', 'truth', 'missing', 'surprise']

/** Answers with a value of any kind. */
export const answers = defineScript({
	name: 'answers',
	summary: 'Answers with a value of any kind.',
	keys: {},
	args: ['value'],
	outcomes: {answered: ['value']},
	source: new URL('./answers.lua', import.meta.url),
	model: (_, __, {value = ''}) => {
		const text = settled[value]
		if (text === undefined) throw new Error(`no answer of a script: ${value}`)
		return {outcome: 'answered', fields: {value: text}}
	},
})
