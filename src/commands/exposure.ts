import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {ExposureView} from '../daemon/client/exposure.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

export default class Exposure extends QtCommand<ExposureView> {
	static override summary = 'Show what is open, net and gross and per symbol, against the limits of the policy'
	static override description = 'Exits with 3 when the figures are no longer being confirmed.'

	protected async work(): Promise<Outcome<ExposureView>> {
		await this.parse(Exposure)
		const [{withState}, {readExposure}, {exposureView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/exposure.js'),
			import('../tui/plain/exposure-view.js'),
		])
		const data = await withState(this.home, state => readExposure(this.home, state, Date.now))
		const text = exposureView(data, this.paint, this.width)
		if (!data.stale) return {data, text}
		const message = 'nobody confirms these figures any more'
		return {data, text, code: EXIT_CODES.drift, message, hint: 'see qt status'}
	}
}
