import {messageOf} from '../../engine/errors.js'
import type {Clock} from './clock.js'
import {type LogBounds, type Rotation, rotateLog} from './log-rotation.js'

export interface LogRotatorOptions extends LogBounds {
	/** The logs to bound, asked anew at each look. */
	files: () => readonly string[]
	/** Pause between two looks: between them a log may outgrow its bound. Default 1,000 ms. */
	every_ms?: number
	clock: Clock
	onRotated?: (rotation: Rotation) => void
	onAlarm: (message: string) => void
}

/** Looks at log sizes now and then and rotates what is too large, one after the other. Never reads a log for any other end. */
export class LogRotator {
	readonly #options: LogRotatorOptions
	#cancel = () => {}
	#running = false
	/** The same alarm about the same file is given once until it is well again. */
	readonly #alarms = new Map<string, string>()

	constructor(options: LogRotatorOptions) {
		this.#options = options
	}

	start(): void {
		if (this.#running) return
		this.#running = true
		this.#armNext()
	}

	stop(): void {
		this.#running = false
		this.#cancel()
	}

	/** One look at every log. Never rejects: what goes wrong is an alarm. */
	async look(): Promise<void> {
		for (const file of this.#options.files()) {
			try {
				const rotation = await rotateLog(file, this.#options)
				if (rotation) this.#options.onRotated?.(rotation)
				this.#alarm(file, rotation?.alarm ?? null)
			} catch (error) {
				this.#alarm(file, `cannot rotate ${file}: ${messageOf(error)}`)
			}
		}
	}

	#alarm(file: string, message: string | null): void {
		if (message === null) this.#alarms.delete(file)
		else if (this.#alarms.get(file) !== message) {
			this.#alarms.set(file, message)
			this.#options.onAlarm(message)
		}
	}

	#armNext(): void {
		const {clock, every_ms = 1_000} = this.#options
		this.#cancel = clock.after(every_ms, () => {
			void this.look().then(() => {
				if (this.#running) this.#armNext()
			})
		})
	}
}
