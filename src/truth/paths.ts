import {tradingBot} from '../engine/units/ai/trading-bot.js'
import {essTrigger} from '../engine/units/brains/ess-trigger.js'
import {policySync} from '../engine/units/brains/policy-sync.js'
import {riskSafety} from '../engine/units/brains/risk-safety.js'
import {crossExchangeAggregator} from '../engine/units/core/cross-exchange-aggregator.js'
import {exchangeStreamBridge} from '../engine/units/core/exchange-stream-bridge.js'
import {marketPublisher} from '../engine/units/core/market-publisher.js'
import {priceFeed} from '../engine/units/core/price-feed.js'
import {universeService} from '../engine/units/core/universe-service.js'
import {applyLayer} from '../engine/units/exec/apply-layer.js'
import {execution} from '../engine/units/exec/execution.js'
import {executionResultBridge} from '../engine/units/exec/execution-result-bridge.js'
import {exitMonitor} from '../engine/units/exec/exit-monitor.js'
import {exitbrain} from '../engine/units/exec/exitbrain.js'
import {exposureBalancer} from '../engine/units/exec/exposure-balancer.js'
import {harvestBrain} from '../engine/units/exec/harvest-brain.js'
import {harvestOptimizer} from '../engine/units/exec/harvest-optimizer.js'
import {harvestProposal} from '../engine/units/exec/harvest-proposal.js'
import {heatGate} from '../engine/units/exec/heat-gate.js'
import {intentBridge} from '../engine/units/exec/intent-bridge.js'
import {intentExecutor} from '../engine/units/exec/intent-executor.js'
import {streamRecover} from '../engine/units/obs/stream-recover.js'
import {balanceTracker} from '../engine/units/state/balance-tracker.js'
import {portfolioStatePublisher} from '../engine/units/state/portfolio-state-publisher.js'
import {positionStateBrain} from '../engine/units/state/position-state-brain.js'
import {reconcileEngine} from '../engine/units/state/reconcile-engine.js'
import {tradeLogger} from '../engine/units/state/trade-logger.js'
import {type Hop, routeBetween} from './graph.js'

type Named = Readonly<{name: string}>
type Path = Readonly<{id: string; title: string; what: string; stops: readonly Named[]}>

/** Ways that matter to an operator: only where each begins, what it must pass, and where it ends; the rest is walked. */
const PATHS: readonly Path[] = [
	{
		id: 'market-data',
		title: 'Market data',
		what: 'Candles to features to a decision.',
		stops: [marketPublisher, tradingBot],
	},
	{
		id: 'quotes',
		title: 'Quotes',
		what: 'Prices to those who watch open positions.',
		stops: [priceFeed, exitbrain],
	},
	{
		id: 'reference-prices',
		title: 'Reference prices',
		what: 'Other exchanges beside ours.',
		stops: [crossExchangeAggregator, exitbrain],
	},
	{
		id: 'entry',
		title: 'Entry path',
		what: 'A signal to an order. The first refusal names its reason code.',
		stops: [tradingBot, applyLayer],
	},
	{
		id: 'outcome',
		title: 'Outcome',
		what: 'What the venue answered, to the books.',
		stops: [applyLayer, execution, executionResultBridge, tradeLogger],
	},
	{
		id: 'protection',
		title: 'Protection',
		what: 'The first fill to a resting stop and target.',
		stops: [execution, applyLayer],
	},
	{
		id: 'exit',
		title: 'Exit path',
		what: 'The exit owner to an order that reduces.',
		stops: [exitbrain, applyLayer],
	},
	{
		id: 'last-line',
		title: 'Last line of exits',
		what: 'Acts when the exit owner is silent or a stop is missing.',
		stops: [exitbrain, exitMonitor, applyLayer],
	},
	{
		id: 'harvest',
		title: 'Harvest path',
		what: 'Partial profit, from the proposal to the order.',
		stops: [harvestProposal, heatGate, harvestBrain, applyLayer],
	},
	{
		id: 'balancing',
		title: 'Balancing',
		what: 'A cap that was passed, to the smallest reduction.',
		stops: [exposureBalancer, applyLayer],
	},
	{
		id: 'account',
		title: 'Account',
		what: 'The venue’s user stream to positions, the portfolio and the emergency stop.',
		stops: [exchangeStreamBridge, positionStateBrain, portfolioStatePublisher, riskSafety],
	},
	{
		id: 'balances',
		title: 'Balances',
		what: 'The wallet to the sizing of entries.',
		stops: [exchangeStreamBridge, balanceTracker, tradingBot],
	},
	{
		id: 'reconciliation',
		title: 'Reconciliation',
		what: 'The venue read anew, to the canonical position.',
		stops: [reconcileEngine, positionStateBrain],
	},
	{
		id: 'reconcile-close',
		title: 'Closing by reconciliation',
		what: 'A position that should not be, to the order that closes it.',
		stops: [reconcileEngine, intentExecutor, applyLayer],
	},
	{
		id: 'emergency-stop',
		title: 'Emergency stop',
		what: 'A broken limit to positions closed; the latch follows by script.',
		stops: [riskSafety, essTrigger, applyLayer],
	},
	{
		id: 'policy',
		title: 'Policy',
		what: 'A proposed change to the version in force.',
		stops: [policySync, riskSafety, universeService],
	},
	{
		id: 'learning',
		title: 'What closed trades teach',
		what: 'Closed trades to tighter harvests, as a proposal to the policy.',
		stops: [execution, harvestOptimizer, riskSafety],
	},
	{
		id: 'dead-letters',
		title: 'Dead letters',
		what: 'What could not be handled, to those who tell of it.',
		stops: [intentBridge, streamRecover],
	},
]

export type WalkedPath = Readonly<Omit<Path, 'stops'> & {hops: readonly Hop[]; broken?: string}>

const walk = ({stops, ...path}: Path): WalkedPath => {
	const hops: Hop[] = []
	for (const [index, to] of stops.slice(1).entries()) {
		const from = stops[index]?.name ?? ''
		const leg = routeBetween(from, to.name)
		if (!leg) return {...path, hops, broken: `no entry of ${from} can reach ${to.name}`}
		hops.push(...leg)
	}
	return {...path, hops}
}

/** Each path with the hops that readers and writers make of it, or where it is broken. */
export const walkedPaths = (): readonly WalkedPath[] => PATHS.map(walk)
