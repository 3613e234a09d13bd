import type {KeyContract} from './contracts/key.js'
import {hostKeys, keyList, retiredKeys} from './contracts/keys.js'
import {retiredStreams, streamByName, streams} from './contracts/streams/all.js'
import {type AnyUnit, anyUnit} from './contracts/unit.js'
import {tradingBot} from './units/ai/trading-bot.js'
import {bsc} from './units/brains/bsc.js'
import {essTrigger} from './units/brains/ess-trigger.js'
import {essWatch} from './units/brains/ess-watch.js'
import {policySync} from './units/brains/policy-sync.js'
import {riskSafety} from './units/brains/risk-safety.js'
import {crossExchangeAggregator} from './units/core/cross-exchange-aggregator.js'
import {exchangeStreamBridge} from './units/core/exchange-stream-bridge.js'
import {featurePublisher} from './units/core/feature-publisher.js'
import {marketPublisher} from './units/core/market-publisher.js'
import {marketstate} from './units/core/marketstate.js'
import {priceFeed} from './units/core/price-feed.js'
import {universeService} from './units/core/universe-service.js'
import {applyLayer} from './units/exec/apply-layer.js'
import {execution} from './units/exec/execution.js'
import {executionResultBridge} from './units/exec/execution-result-bridge.js'
import {exitIntelligence} from './units/exec/exit-intelligence.js'
import {exitMonitor} from './units/exec/exit-monitor.js'
import {exitbrain} from './units/exec/exitbrain.js'
import {exposureBalancer} from './units/exec/exposure-balancer.js'
import {governor} from './units/exec/governor.js'
import {harvestBrain} from './units/exec/harvest-brain.js'
import {harvestOptimizer} from './units/exec/harvest-optimizer.js'
import {harvestProposal} from './units/exec/harvest-proposal.js'
import {heatGate} from './units/exec/heat-gate.js'
import {intentBridge} from './units/exec/intent-bridge.js'
import {intentExecutor} from './units/exec/intent-executor.js'
import {portfolioGate} from './units/exec/portfolio-gate.js'
import {portfolioHeatGate} from './units/exec/portfolio-heat-gate.js'
import {riskProposal} from './units/exec/risk-proposal.js'
import {contractCheck} from './units/obs/contract-check.js'
import {coreHealth} from './units/obs/core-health.js'
import {diagnostic} from './units/obs/diagnostic.js'
import {eventbusBridge} from './units/obs/eventbus-bridge.js'
import {harvestMetricsExporter} from './units/obs/harvest-metrics-exporter.js'
import {healthGate} from './units/obs/health-gate.js'
import {latencyProof} from './units/obs/latency-proof.js'
import {metricpackBuilder} from './units/obs/metricpack-builder.js'
import {performanceAttribution} from './units/obs/performance-attribution.js'
import {performanceTracker} from './units/obs/performance-tracker.js'
import {safetyTelemetry} from './units/obs/safety-telemetry.js'
import {streamRecover} from './units/obs/stream-recover.js'
import {balanceTracker} from './units/state/balance-tracker.js'
import {ledgerSync} from './units/state/ledger-sync.js'
import {pnlTracker} from './units/state/pnl-tracker.js'
import {portfolioClusters} from './units/state/portfolio-clusters.js'
import {portfolioGovernance} from './units/state/portfolio-governance.js'
import {portfolioStatePublisher} from './units/state/portfolio-state-publisher.js'
import {positionMonitor} from './units/state/position-monitor.js'
import {positionStateBrain} from './units/state/position-state-brain.js'
import {reconcileEngine} from './units/state/reconcile-engine.js'
import {tradeLogger} from './units/state/trade-logger.js'

/** Every unit that exists, in the order of the pipeline. A test proves that each unit file is here. */
export const units: readonly AnyUnit[] = [
	priceFeed,
	marketPublisher,
	crossExchangeAggregator,
	universeService,
	exchangeStreamBridge,
	featurePublisher,
	marketstate,
	positionStateBrain,
	positionMonitor,
	balanceTracker,
	portfolioStatePublisher,
	portfolioClusters,
	portfolioGovernance,
	tradeLogger,
	pnlTracker,
	ledgerSync,
	reconcileEngine,
	riskSafety,
	essTrigger,
	essWatch,
	bsc,
	policySync,
	tradingBot,
	portfolioGate,
	intentBridge,
	intentExecutor,
	governor,
	applyLayer,
	execution,
	executionResultBridge,
	exitbrain,
	exitMonitor,
	harvestProposal,
	heatGate,
	portfolioHeatGate,
	harvestBrain,
	exitIntelligence,
	harvestOptimizer,
	exposureBalancer,
	riskProposal,
	healthGate,
	streamRecover,
	coreHealth,
	contractCheck,
	latencyProof,
	performanceTracker,
	performanceAttribution,
	safetyTelemetry,
	harvestMetricsExporter,
	metricpackBuilder,
	diagnostic,
	eventbusBridge,
].map(anyUnit)

export const unitByName: ReadonlyMap<string, AnyUnit> = new Map(units.map(unit => [unit.name, unit]))

/** One of these by its name, else by an alias or a former name. */
export const named = <Of extends Readonly<{name: string; aliases?: readonly string[]}>>(
	all: readonly Of[],
	name: string,
): Of | undefined => all.find(of => of.name === name) ?? all.find(({aliases}) => aliases?.includes(name))

/** A unit by its name, an alias or a former name. */
export const resolveUnit = (name: string): AnyUnit | undefined => named(units, name)

export const readersOf = (stream: string): readonly AnyUnit[] =>
	units.filter(unit => Object.values(unit.reads).some(({name}) => name === stream))
export const writersOf = (stream: string): readonly AnyUnit[] =>
	units.filter(unit => Object.values(unit.writes).some(({name}) => name === stream))

/** Names of the streams behind what a unit calls them, each once. */
export const streamNames = (ports: Readonly<Record<string, {name: string}>>): readonly string[] => [
	...new Set(Object.values(ports).map(({name}) => name)),
]

/** Units that declare that they look at a key: in a script, or by an adapter. */
export const keyReadersOf = ({pattern}: KeyContract): readonly AnyUnit[] =>
	units.filter(({scripts = [], looks = []}) =>
		[...scripts.flatMap(script => Object.values(script.keys)), ...looks].some(key => key.pattern === pattern),
	)

export {hostKeys, keyList, retiredKeys, retiredStreams, streamByName, streams}
