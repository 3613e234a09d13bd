import {WebSocket} from 'ws'

export type Told = Readonly<{e: string; s: string; b?: string; a?: string; k?: {i: string; t: number; x: boolean}}>

/** Listens to public streams of a venue beside the system, and keeps all that they say. */
export class RecordedVenue {
	readonly told: Told[] = []
	readonly #socket: WebSocket

	private constructor(socket: WebSocket) {
		this.#socket = socket
		socket.on('message', data => this.told.push(JSON.parse(String(data)) as Told))
	}

	static async listen(origin: string, streams: readonly string[]): Promise<RecordedVenue> {
		const socket = new WebSocket(`${origin}/ws/${streams.join('/')}`)
		const recorded = new RecordedVenue(socket)
		await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
		return recorded
	}

	/** Best bid and ask of a symbol, each time one of them moved. */
	books(symbol: string): readonly string[] {
		return moves(this.told.filter(({e, s}) => e === 'bookTicker' && s === symbol).map(({b, a}) => `${b}/${a}`))
	}

	/** Candles that closed, as symbol, interval and opening time. */
	candles(): readonly string[] {
		return this.told.flatMap(({s, k}) => (k?.x === true ? [`${s} ${k.i} ${k.t}`] : [])).sort()
	}

	close(): void {
		this.#socket.terminate()
	}
}

/** Without what only repeats what stands before it. */
export const moves = (values: readonly string[]): readonly string[] =>
	values.filter((value, index) => value !== values[index - 1])
