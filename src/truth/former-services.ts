import {resolveServer} from '../daemon/client/unit-names.js'
import {code} from '../engine/logic/markdown.js'
import {resolveUnit, streams} from '../engine/registry.js'

/** Services of the former system by the names that its own documents gave them, without their common prefix. */
const SERVICES = `
ai-engine ensemble-predictor intent-bridge governor apply-layer execution
harvest-brain exit-monitor exit-intelligence exitbrain-v35 risk-safety bsc autonomous-trader
portfolio-state-publisher position-state-brain reconcile-engine trade-logger portfolio-state-brain balance-tracker
exposure_balancer price-feed market-publisher marketstate feature-publisher exchange-stream-bridge
clm clm-minimal rl-feedback-v2 rl-monitor rl-sizer rl-agent rl-trainer rl-policy-publisher retrain-worker training-worker
capital-allocation portfolio-risk-governor portfolio-gate heat-gate portfolio-heat-gate heat-bridge portfolio-governance
p35-decision-intelligence ceo-brain portfolio-intelligence strategy-brain risk-brain ai-orchestrator ai-strategy-router
meta-regime cross-exchange-aggregator performance-attribution performance-tracker harvest-metrics-exporter
safety-telemetry rl-shadow-metrics-exporter rl-shadow-scorecard harvest-proposal harvest-optimizer portfolio-clusters
execution-result-bridge universe-service universe dashboard-api learning-api learning-monitor metricpack-builder
strategic-memory utf-publisher intent-executor capital-efficiency allocation-target risk-proposal trading_bot
position-monitor rl-training eventbus-bridge contract-check ess-trigger ess-watch health-gate core-health diagnostic
ledger-sync p28a3-latency-proof policy-sync stream-recover verify-ensemble verify-rl ensemble redis-server
`
	.trim()
	.split(/\s+/)

export type FormerService = Readonly<{name: string; now: string}>

const nowOf = (name: string): string => {
	const unit = resolveUnit(name)
	if (unit) return unit.name === name ? 'the same name' : code(unit.name)
	const server = resolveServer(name)
	if (server) return code(server.name)
	const waited = streams.filter(({pending = {}}) => pending.reader === name || pending.writer === name)
	return waited.length === 0 ? 'no unit here' : `to come: ${waited.map(of => code(of.name)).join(', ')} waits for it`
}

/** Each former service with the unit that answers to its name, by the registry. */
export const formerServices = (): readonly FormerService[] => SERVICES.map(name => ({name, now: nowOf(name)}))
