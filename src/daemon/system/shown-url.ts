/** An address as it may be shown: without the password in it. What is no address is not shown at all. */
export const shownUrl = (url: string): string => {
	if (url.startsWith('unix:')) return url
	if (!URL.canParse(url)) return '[not an address]'
	const shown = new URL(url)
	if (shown.password !== '') shown.password = '***'
	return shown.href
}
