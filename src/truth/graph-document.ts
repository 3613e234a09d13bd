import {targetNames, targets} from '../engine/contracts/targets.js'
import type {TruthDocument} from './document.js'
import {onlyTarget, wholeGraph} from './graph.js'
import {graphText} from './graph-text.js'

/** The wiring as pictures: everything, and each target apart. */
export const graphDocument = (): TruthDocument => {
	const whole = wholeGraph()
	return {
		name: 'graph',
		title: 'Wiring as a graph',
		intro:
			'Boxes are units, rounded ones streams; bold arrows come from outside or go there, dotted ones are to come. `qt registry graph` draws parts of it, also as DOT and as text.',
		sections: [
			...targetNames.map(target => ({
				id: `graph-${target}`,
				heading: `${target}: ${targets[target].summary}`,
				level: 2 as const,
				diagram: {language: 'mermaid' as const, text: graphText(onlyTarget(whole, target), 'mermaid')},
			})),
			{
				id: 'graph-all',
				heading: 'System overview',
				level: 2,
				diagram: {language: 'mermaid', text: graphText(whole, 'mermaid')},
			},
		],
	}
}
