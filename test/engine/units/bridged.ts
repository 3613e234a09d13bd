import type {Envelope} from '../../../src/engine/contracts/envelope.js'
import type {Fields} from '../../../src/engine/contracts/field.js'
import type {Policy} from '../../../src/engine/contracts/policy.js'
import {intentBridge} from '../../../src/engine/units/exec/intent-bridge.js'
import {portfolioGate} from '../../../src/engine/units/exec/portfolio-gate.js'
import {drive} from '../../support/drive.js'

export const exposure = {
	equity_usdt: '100',
	wallet_usdt: '100',
	unrealised_pnl: '0',
	gross_usdt: '10',
	net_usdt: '10',
	exposure_ratio: '0.1',
	open_positions: 1,
	price_ms: 1,
}

/** The bridge behind the first gate, which knows of clusters: intents go in there. */
export const startBridge = async (policy: Partial<Policy> = {}, before: Parameters<typeof drive>[1] = {}) => {
	const bridge = await drive(intentBridge, {...before, policy})
	const gate = await drive(portfolioGate, {bus: bridge.bus, clock: bridge.clock, policy})
	await gate.send('clusters', {bars: 96, open_ms: 1, clusters: {}, correlations: {}})
	return {
		...bridge,
		/** An intent through the gate; everything else to both. */
		send: async (port: string, ...rest: [Readonly<Record<string, unknown>>, Partial<Envelope>?]) => {
			if (port !== 'intent') {
				const emitted = await bridge.send(port, ...rest)
				await gate.handle(port)
				await gate.send('state', exposure)
				return emitted
			}
			await gate.send(port, ...rest)
			return bridge.handle('gate')
		},
		sendFields: async (port: string, fields: Fields) => {
			await gate.sendFields(port, fields)
			return bridge.handle('gate')
		},
	}
}
