import {keys} from '../../contracts/keys.js'
import {budgetViolation, portfolioClusterState, portfolioState} from '../../contracts/streams/portfolio.js'
import {tradeClosed} from '../../contracts/streams/trade.js'
import {type Context, defineUnit, type Step, stay} from '../../contracts/unit.js'
import {type BudgetBook, budgetRecords, emptyBudgets, judgeBudgets, onDay, withTrade} from '../../logic/budgets.js'
import {exact, textOf} from '../../logic/exact.js'

const writes = {violation: budgetViolation}
const ports = {budget: keys.budget}
type Ctx = Context<typeof writes, typeof ports, Record<never, never>>

/** A budget concerns the trades of all symbols, so all of them are one partition. */
const WHOLE = ''

const fieldsOf = (record: Readonly<Record<string, string>> | undefined): string => JSON.stringify(record ?? null)

/** The book as it is after what happened, with the records that changed and the budgets that broke or hold again. */
const judged = (
	before: BudgetBook,
	after: BudgetBook,
	{emit, key, policy, machine_ms}: Ctx,
	open_usdt = '0',
): Step<BudgetBook> => {
	const {book, violations} = judgeBudgets(after, policy.budgets, open_usdt)
	const [then, now] = [budgetRecords(before, policy.budgets), budgetRecords(book, policy.budgets)]
	const puts = Object.entries(now)
		.filter(([scope, record]) => fieldsOf(record) !== fieldsOf(then[scope]))
		.map(([scope, record]) => key.budget.put({scope}, {...record, machine_ms}, {replace: true}))
	const gone = Object.keys(then)
		.filter(scope => now[scope] === undefined)
		.map(scope => key.budget.remove({scope}))
	return {state: book, wishes: [...violations.map(violation => emit.violation(violation)), ...puts, ...gone]}
}

/**
 * Losses count as they are closed. The turnover of a trade counts when it is closed, both sides at once; what is open
 * counts on top, as one side. What the policy leaves to others is no trading of ours, and counts in neither.
 */
export const portfolioGovernance = defineUnit({
	name: 'portfolio-governance',
	target: 'state',
	kind: 'stream',
	summary: 'Budgets per day, strategy and cluster (loss, turnover): a broken one blocks entries of what broke it.',
	reads: {closed: tradeClosed, clusters: portfolioClusterState, state: portfolioState},
	conflates: ['clusters', 'state'],
	writes,
	keys: ports,
	timers: {day: {every_ms: 60_000, clock: 'venue'}},
	initial: () => emptyBudgets,
	partition: () => WHOLE,
	on: {
		closed: (book, trade, context) =>
			context.entry.authority === 'live' && trade.foreign !== 'ignored'
				? judged(book, withTrade(book, trade), context)
				: stay,
		clusters: (book, {clusters}, context) =>
			context.entry.authority === 'live' ? judged(book, {...onDay(book, context.now_ms), clusters}, context) : stay,
		/** Nothing is kept of it unless it breaks the budget, but what fees are worth. */
		state: (before, {gross_usdt, ignored_usdt = '0', asset_prices}, context) => {
			if (context.entry.authority !== 'live') return stay
			const priced = JSON.stringify(asset_prices ?? before.prices) !== JSON.stringify(before.prices)
			const book = priced && asset_prices ? {...before, prices: asset_prices} : before
			const today = onDay(book, context.now_ms)
			const open_usdt = textOf(exact(gross_usdt).sub(ignored_usdt))
			const {violations} = judgeBudgets(today, context.policy.budgets, open_usdt)
			if (violations.length > 0) return judged(before, today, context, open_usdt)
			return priced ? {state: book} : stay
		},
	},
	onTimer: {
		/** A new day, or a policy with other limits. */
		day: (book, context) => {
			const step = judged(book, onDay(book, context.now_ms), context)
			return step.state?.day === book.day && step.wishes?.length === 0 ? stay : step
		},
	},
})
