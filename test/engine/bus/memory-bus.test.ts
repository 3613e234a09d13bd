import {MemoryBus} from '../../../src/engine/bus/memory-bus.js'
import {busConformance} from './conformance.js'

busConformance('in memory', async () => {
	const after = (ms: number, callback: () => void) => {
		const timer = setTimeout(callback, ms)
		return () => clearTimeout(timer)
	}
	const bus = new MemoryBus({now: Date.now, after})
	return {bus, close: () => bus.close()}
})
