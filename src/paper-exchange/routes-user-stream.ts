import type {Route, Routes} from './route.js'

const keyed = (answer: Route['answer']): Route => ({security: 'key', weight: 1, answer})

/** Listen keys: they need the API key but no signature. */
export const userStreamRoutes: Routes = {
	'POST /fapi/v1/listenKey': keyed(({listenKeys, machine_ms}) => ({listenKey: listenKeys.start(machine_ms)})),
	'PUT /fapi/v1/listenKey': keyed(({listenKeys, machine_ms}) => ({listenKey: listenKeys.prolong(machine_ms)})),
	'DELETE /fapi/v1/listenKey': keyed(({listenKeys}) => {
		listenKeys.end()
		return {}
	}),
}
