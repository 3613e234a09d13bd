import {createHmac} from 'node:crypto'

/** Where a venue listens, such as `http://127.0.0.1:9000`, and the key pair of an account there. */
export type Account = Readonly<{origin: string; api_key: string; api_secret: string}>

/**
 * A signed request without any code of the engine.
 * @throws Error with the venue's answer when it refuses
 */
export const signedRequest = async (
	{origin, api_key, api_secret}: Account,
	method: 'GET' | 'POST' | 'PUT' | 'DELETE',
	path: string,
	params: Readonly<Record<string, string>> = {},
): Promise<unknown> => {
	const query = new URLSearchParams({...params, timestamp: String(Date.now()), recvWindow: '30000'}).toString()
	const signature = createHmac('sha256', api_secret).update(query).digest('hex')
	const answer = await fetch(`${origin}${path}?${query}&signature=${signature}`, {
		method,
		headers: {'X-MBX-APIKEY': api_key},
	})
	if (!answer.ok) throw new Error(`${method} ${path}: HTTP ${answer.status} ${await answer.text()}`)
	return answer.json()
}
