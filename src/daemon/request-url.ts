import type {IncomingMessage} from 'node:http'

/** What a request asks for; undefined where its target is no path, such as `//` or `http://`. */
export const requestUrl = ({url = '/'}: Pick<IncomingMessage, 'url'>): URL | undefined =>
	url.startsWith('/') && URL.canParse(url, 'http://local') ? new URL(url, 'http://local') : undefined
