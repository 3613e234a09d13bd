/** What Redis says in an INFO, by its own names. Headings and empty lines are left out. */
export const infoFields = (info: string): ReadonlyMap<string, string> =>
	new Map(
		info.split(/\r?\n/).flatMap(line => {
			const at = line.indexOf(':')
			return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : []
		}),
	)
