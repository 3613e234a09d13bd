import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import type {ListedPosition} from '../daemon/client/positions.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

type Data = Readonly<{positions: readonly ListedPosition[]}>

export default class Positions extends QtCommand<Data> {
	static override summary = 'List open positions as the venue has them, each with the stop that protects it'
	static override description =
		'Exits with 3 when a position has no stop resting at the venue, those aside that others opened and the policy ignores.'

	protected async work(): Promise<Outcome<Data>> {
		await this.parse(Positions)
		const [{withVenue}, {markedPositions, protectedPositions}, {positionsView}, {asOf}] = await Promise.all([
			import('../daemon/client/venue-access.js'),
			import('../daemon/client/positions.js'),
			import('../tui/plain/orders-view.js'),
			import('../tui/plain/terms.js'),
		])
		const positions = await markedPositions(this.home, await withVenue(this.home, process.env, protectedPositions))
		const text = `${positionsView(positions, this.paint, this.width)}\n\n${asOf('from the venue', Date.now())}`
		const bare = positions.filter(({stop, foreign}) => stop === null && foreign !== 'ignored').map(({symbol}) => symbol)
		const data = {positions}
		if (bare.length === 0) return {data, text}
		return {
			data,
			text,
			code: EXIT_CODES.drift,
			message: `no stop rests for ${bare.join(', ')}`,
			hint: 'see qt orders, qt trace',
		}
	}
}
