import {type Target, targetNames, targets} from '../../engine/contracts/targets.js'

export type StageView = Readonly<{
	name: Target
	open: boolean
	requires: readonly Target[]
	blocked_by: readonly string[]
}>

/**
 * Which stages are open: every unit of the stage and of all that it requires is ready.
 * `waiting` names, per stage, what is not ready; a stage without units is open when what it requires is.
 */
export const stageViews = (waiting: Readonly<Record<Target, readonly string[]>>): readonly StageView[] => {
	const views = new Map<Target, StageView>()
	for (const name of targetNames) {
		const requires = targets[name].requires as readonly Target[]
		const shut = requires.filter(required => views.get(required)?.open !== true).map(required => `stage ${required}`)
		const blocked_by = [...shut, ...waiting[name]]
		views.set(name, {name, requires, blocked_by, open: blocked_by.length === 0})
	}
	return [...views.values()]
}
