import {messageOf} from '../../engine/errors.js'
import type {Clock} from './clock.js'
import type {Probe, ProbeContext, ProbeResult} from './process-spec.js'
import {SUPERVISION_LIMITS} from './supervision-limits.js'

export interface ProbeLoop {
	probe: Probe
	clock: Clock
	context: Omit<ProbeContext, 'signal'>
	/** While true, checks follow each other more quickly than at the probe's interval. */
	isEager: () => boolean
	report: (result: ProbeResult) => void
}

/** Checks again and again, one after the other, until the returned function is called. A check that hangs counts as failed. */
export function startProbeLoop({probe, clock, context, isEager, report}: ProbeLoop): () => void {
	let stopped = false
	let outstanding = 0
	let eager_ms: number = SUPERVISION_LIMITS.starting_probe_ms
	let cancelTimer = () => {}
	let abort = new AbortController()

	const next = () => {
		const pause = isEager() ? Math.min(eager_ms, probe.interval_ms) : probe.interval_ms
		eager_ms = Math.min(eager_ms * 2, SUPERVISION_LIMITS.starting_probe_max_ms)
		cancelTimer = clock.after(pause, check)
	}
	const settle = (result: ProbeResult) => {
		if (stopped) return
		cancelTimer()
		report(result)
		if (!stopped) next()
	}
	const check = () => {
		if (outstanding >= SUPERVISION_LIMITS.probes_outstanding_max)
			return settle({ok: false, reason: `${outstanding} earlier checks still hang`})
		abort = new AbortController()
		const {signal} = abort
		const answer = (result: ProbeResult) => {
			outstanding -= 1
			if (!signal.aborted) settle(result)
		}
		cancelTimer = clock.after(probe.timeout_ms, () => {
			abort.abort()
			settle({ok: false, reason: `no answer within ${probe.timeout_ms} ms`})
		})
		outstanding += 1
		Promise.resolve()
			.then(() => probe.check({...context, signal}))
			.then(answer, error => answer({ok: false, reason: messageOf(error)}))
	}
	check()
	return () => {
		stopped = true
		cancelTimer()
		abort.abort()
	}
}
