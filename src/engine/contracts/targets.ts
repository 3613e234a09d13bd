/** Stages in the order of bring-up, each with the stages it needs. */
export const targets = {
	core: {requires: [], summary: 'Redis, the venue, market data and features'},
	state: {requires: ['core'], summary: 'Positions, balances, ledger, reconciliation'},
	brains: {requires: ['state'], summary: 'Risk, policy, allocation'},
	ai: {requires: ['state'], summary: 'Signals and intents'},
	rl: {requires: ['ai'], summary: 'Learning, in shadow'},
	exec: {requires: ['brains', 'ai'], summary: 'Gates, governor, the one sender of orders, exits'},
	obs: {requires: ['core'], summary: 'Health, telemetry, audit'},
} as const satisfies Record<string, {requires: readonly string[]; summary: string}>

export type Target = keyof typeof targets
export const targetNames = Object.keys(targets) as readonly Target[]
/** The former name of everything at once. */
export const MASTER_TARGET = 'quantum-trader.target'

/** A target and all that it needs, in the order of bring-up. */
export const closureOf = (target: Target): readonly Target[] => {
	const needed = new Set<Target>()
	const visit = (name: Target): void => {
		for (const required of targets[name].requires as readonly Target[]) visit(required)
		needed.add(name)
	}
	visit(target)
	return targetNames.filter(name => needed.has(name))
}
