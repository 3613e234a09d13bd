import type {Classified} from '../../exchange/classify-error.js'
import type {FenceContext, SendRequest, StepOutcome} from '../../exchange/order-request.js'

/** What the fence is told of a step. */
export const contextOf = ({plan_id, symbol, epoch, operator}: SendRequest, of: SendRequest['class']): FenceContext => ({
	plan_id,
	symbol,
	epoch,
	class: of,
	operator,
})

export type NotSent = Extract<StepOutcome, {status: 'NOT_SENT'}>
/** What carrying one request gave: the venue's answer, an outcome, or that it must be asked for. */
export type Sending = StepOutcome | Readonly<{status: 'UNKNOWN'}> | Readonly<{body: unknown}>

/** What a failure makes of the step. */
export const outcomeOf = ({kind, code, message}: Classified): Sending => {
	switch (kind) {
		case 'REFUSED':
			return {status: 'REFUSED', code, message}
		case 'NOT_SENT':
			return {status: 'NOT_SENT', reason: code, detail: message}
		case 'UNKNOWN':
		case 'DUPLICATE':
			return {status: 'UNKNOWN'}
		// Only cancels and settings are answered so: what they ask for is already the case.
		case 'GONE':
		case 'UNCHANGED':
			return {body: {}}
	}
}
