/** What is opened with the first question, for all of them, and anew after an opening that failed. */
export type Once<Opened> = Readonly<{
	get(): Promise<Opened>
	/** What is open or about to be, if that succeeds; undefined where nobody asked. Opens nothing. */
	peek(): Promise<Opened | undefined>
}>

export const openOnce = <Opened>(open: () => Promise<Opened>): Once<Opened> => {
	let opened: Promise<Opened> | undefined
	return {
		get: () => {
			opened ??= open().catch((error: unknown) => {
				opened = undefined
				throw error
			})
			return opened
		},
		peek: async () => opened?.catch(() => undefined),
	}
}
