/** A print of the outside world, numbered. */
export type Print = Readonly<{
	id: number
	price: string
	quantity: string
	time_ms: number
	buyer_is_maker: boolean
}>

export type Funding = Readonly<{symbol: string; rate: string; time_ms: number; mark: string}>

const printsMax = 1000
const fundingsMax = 1000

/** The last prints and fundings of each symbol, and the numbering of prints. */
export class PublicTape {
	private readonly prints = new Map<string, Print[]>()
	private ids = new Map<string, number>()
	private fundings: Funding[] = []

	add(symbol: string, print: Omit<Print, 'id'>): number {
		const id = (this.ids.get(symbol) ?? 0) + 1
		this.ids.set(symbol, id)
		let kept = this.prints.get(symbol)
		if (kept === undefined) {
			kept = []
			this.prints.set(symbol, kept)
		}
		kept.push({id, ...print})
		if (kept.length > printsMax * 2) kept.splice(0, kept.length - printsMax)
		return id
	}

	addFunding(funding: Funding): void {
		this.fundings.push(funding)
		if (this.fundings.length > fundingsMax * 2) this.fundings = this.fundings.slice(-fundingsMax)
	}

	last(symbol: string, count: number): readonly Print[] {
		return (this.prints.get(symbol) ?? []).slice(-count)
	}

	since(symbol: string, filter: (print: Print) => boolean, count: number): readonly Print[] {
		return (this.prints.get(symbol) ?? []).filter(filter).slice(0, count)
	}

	fundingsOf(symbol: string | undefined): readonly Funding[] {
		return this.fundings.filter(funding => symbol === undefined || funding.symbol === symbol)
	}

	snapshot(): {ids: Record<string, number>; fundings: Funding[]} {
		return {ids: Object.fromEntries(this.ids), fundings: this.fundings.slice(-fundingsMax)}
	}

	restore(saved: {ids: Record<string, number>; fundings: Funding[]}): void {
		this.ids = new Map(Object.entries(saved.ids))
		this.fundings = saved.fundings
	}
}
