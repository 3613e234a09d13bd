import type {Mode} from '../../engine/contracts/mode.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import type {SystemChoice} from './system-choice.js'

/** Flags of `qt up` as they are typed. */
export type SystemFlags = Readonly<{
	mode?: string | undefined
	market?: string | undefined
	seed?: number | undefined
	repair?: boolean | undefined
	speed?: string | undefined
	warmup?: boolean | undefined
	symbols?: string | undefined
	ports?: string | undefined
	journal?: boolean | undefined
	isolate?: readonly string[] | undefined
}>

const usage = (message: string): OperatorError =>
	new OperatorError(message, {exit_code: EXIT_CODES.usage, hint: 'see qt up --help'})

const speedOf = (text: string): number | 'lockstep' => {
	if (text === 'lockstep') return text
	const speed = Number(text.replace(/x$/, ''))
	if (Number.isFinite(speed) && speed > 0) return speed
	throw usage(`--speed ${text}: expected a number above 0, such as 60, or lockstep`)
}

const portsOf = (text: string): number | 'ephemeral' => {
	if (text === 'ephemeral') return text
	const ports = Number(text)
	if (Number.isSafeInteger(ports) && ports >= 0) return ports
	throw usage(`--ports ${text}: expected a number such as 1000, or ephemeral`)
}

const symbolsOf = (text: string): readonly string[] => {
	const symbols = text.split(',').map(symbol => symbol.trim().toUpperCase())
	if (symbols.every(symbol => symbol !== '')) return [...new Set(symbols)]
	throw usage(`--symbols ${text}: expected symbols with commas between, such as BTCUSDT,ETHUSDT`)
}

/** Flags as a choice; what was not typed is left out. @throws OperatorError (usage) naming the flag */
export const choiceOf = (flags: SystemFlags): SystemChoice => {
	const {mode, market, seed, repair, speed, warmup, symbols, ports, journal, isolate} = flags
	return {
		mode: mode?.toUpperCase() as Mode | undefined,
		market,
		seed,
		repair,
		speed: speed === undefined ? undefined : speedOf(speed),
		warmup,
		symbols: symbols === undefined ? undefined : symbolsOf(symbols),
		ports: ports === undefined ? undefined : portsOf(ports),
		journal,
		isolate,
	}
}
