import {unitNames, unknownName} from '../daemon/client/unit-names.js'
import {type Target, targetNames} from '../engine/contracts/targets.js'
import {resolveUnit, streams} from '../engine/registry.js'
import {focusOn, type Graph, onlyTarget, streamNode, wholeGraph} from './graph.js'

const targetOf = (typed: string): Target => {
	const found = targetNames.find(name => name === typed)
	if (found === undefined) throw unknownName('target', typed, targetNames)
	return found
}

/** The node of a unit or stream, by its name, an alias, a former name or the full name that Redis shows. */
const nodeOf = (typed: string, prefix: string): string => {
	const whole = streamNode('')
	const bare = typed.startsWith(prefix) ? typed.slice(prefix.length) : typed
	const named = bare.startsWith(whole) ? bare.slice(whole.length) : bare
	const unit = bare === named ? resolveUnit(bare) : undefined
	if (unit) return unit.name
	const stream = streams.find(({name, former_names}) => name === named || former_names.includes(named))
	if (stream) return streamNode(stream.name)
	throw unknownName('unit or stream', typed, [...unitNames(), ...streams.map(({name}) => name)])
}

type Choice = Readonly<{focus?: string | undefined; target?: string | undefined}>

/**
 * The part of the wiring that is asked for.
 * @throws OperatorError (usage) with the nearest name
 */
export const chosenGraph = ({focus, target}: Choice, prefix: string): Graph => {
	const whole = wholeGraph()
	const own = target === undefined ? whole : onlyTarget(whole, targetOf(target))
	return focus === undefined ? own : focusOn(own, nodeOf(focus, prefix))
}
