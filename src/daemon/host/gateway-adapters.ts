import {readArmFile} from '../../engine/adapters/exchange/arm-file.js'
import {deadMansSwitch} from '../../engine/adapters/exchange/dead-mans-switch.js'
import {armFence} from '../../engine/adapters/exchange/fence.js'
import {GatewayGuard} from '../../engine/adapters/exchange/gateway-guard.js'
import {orderSender} from '../../engine/adapters/exchange/order-sender.js'
import {sentOrders} from '../../engine/adapters/exchange/sent-orders.js'
import {keys} from '../../engine/contracts/keys.js'
import {messageOf} from '../../engine/errors.js'
import {isArmed} from '../../engine/exchange/arm-state.js'
import type {UnitAdapters} from '../../engine/runtime/adapters.js'
import type {Environment} from './environment.js'

/** The one sender of orders: fenced on the arm epoch in Redis and in its own file, as each request leaves. */
export const gatewayAdapters = async (environment: Environment): Promise<UnitAdapters> => {
	const {venue, bus, naming, config, clock, signal, background, onClose, log} = environment
	const killKey = naming.key(keys.kill, {})
	const armKey = naming.key(keys.arm, {})
	const executionKey = naming.key(keys.execution, {})
	const blockedKey = naming.key(keys.blockedSymbols, {})
	const shared = async () => {
		const [blocks, kill, execution, {armed, epoch, mode, by, reason, time_ms}] = await Promise.all([
			bus.hashAll(blockedKey),
			bus.get(killKey),
			bus.get(executionKey),
			bus.hashAll(armKey),
		])
		return {kill, execution, armed, epoch, mode, by, reason, time_ms, blocked: Object.keys(blocks)}
	}
	const permit = async (plan_id: string) => {
		const {state, epoch} = await bus.hashAll(naming.key(keys.permit, {plan_id}))
		return {state, epoch}
	}
	const fence = armFence({file: config.arm_file, shared, permit})
	const sent = sentOrders(config.sent_file, clock.machine())
	const isStopped = () => !isArmed(readArmFile(config.arm_file))
	const sender = orderSender({config: venue, clock, fence, sent, isStopped})
	onClose.push(() => sender.close())
	await sender.ready()
	const guard = new GatewayGuard({
		file: config.arm_file,
		clock,
		shared,
		inFlight: () => sender.inFlight(),
		acknowledge: async report => {
			const said = {...report, symbols_in_flight: sender.symbolsInFlight().join(' ')}
			const fields = Object.fromEntries(Object.entries(said).map(([name, value]) => [name, String(value)]))
			await bus.commit({
				acknowledge: [],
				writes: [{op: 'put-hash', key: naming.key(keys.gatewayEpoch, {gateway: config.name}), fields}],
			})
		},
		onError: error => log.error({error: messageOf(error)}, 'the arm state cannot be followed'),
	})
	background.push(guard.run(signal))
	const countdown = deadMansSwitch({
		config: venue,
		clock,
		onError: error => log.warn({error: messageOf(error)}, 'the dead-man’s switch got no answer'),
	})
	return {feeds: {countdown}, effects: {send: sender}}
}
