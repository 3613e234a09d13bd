import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {UniverseView} from '../daemon/client/universe.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

export default class Universe extends QtCommand<UniverseView> {
	static override summary = 'Show which symbols may open now, and why the others are exits only'
	static override description = 'Exits with 3 when the venue has not been read for so long that nothing opens.'

	protected async work(): Promise<Outcome<UniverseView>> {
		await this.parse(Universe)
		const [{withState}, {readUniverse}, {universeView}] = await Promise.all([
			import('../daemon/client/state.js'),
			import('../daemon/client/universe.js'),
			import('../tui/plain/universe-view.js'),
		])
		const data = await withState(this.home, state => readUniverse(state, Date.now))
		const text = universeView(data, this.paint, this.width)
		if (!data.stale) return {data, text}
		const message = 'the universe is not being read any more: nothing opens'
		return {data, text, code: EXIT_CODES.drift, message, hint: 'see qt status'}
	}
}
