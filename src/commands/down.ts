import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {DownReport} from '../daemon/client/down.js'

export default class Down extends QtCommand<DownReport> {
	static override summary = 'Disarm, say what protects open positions, and stop everything in order'

	protected async work(): Promise<Outcome<DownReport>> {
		await this.parse(Down)
		const [{bringDown}, {openVenue}, {downLines, downView}] = await Promise.all([
			import('../daemon/client/down.js'),
			import('../daemon/client/venue-access.js'),
			import('../tui/plain/down-view.js'),
		])
		const {paint} = this
		const data = await bringDown({
			home: this.home,
			now_ms: Date.now,
			openVenue: () => openVenue(this.home, process.env),
			onProgress: progress => {
				for (const line of downLines(progress, paint)) this.say(line)
			},
		})
		return {data, text: downView(data)}
	}
}
