import type {Core} from './core.js'
import {venueError} from './venue-error.js'

/** The account's one listen key; its life runs on machine time. */
export class ListenKeys {
	constructor(
		private readonly core: Core,
		private readonly newKey: () => string,
	) {}

	isValid(key: string, machine_ms: number): boolean {
		const {account} = this.core.state
		return key !== '' && key === account.listen_key && machine_ms < account.listen_key_until_ms
	}

	/** Makes a key, or prolongs the one that is there and returns it. */
	start(machine_ms: number): string {
		const account = this.core.state.touchAccount()
		if (!this.isValid(account.listen_key, machine_ms)) account.listen_key = this.newKey()
		account.listen_key_until_ms = machine_ms + this.core.config.listen_key_ms
		return account.listen_key
	}

	/** @throws VenueError -1125 when there is none */
	prolong(machine_ms: number): string {
		if (!this.isValid(this.core.state.account.listen_key, machine_ms)) throw venueError('noListenKey')
		return this.start(machine_ms)
	}

	/** Ends the key; returns it. Empty when there was none. */
	end(): string {
		const account = this.core.state.touchAccount()
		const key = account.listen_key
		account.listen_key = ''
		account.listen_key_until_ms = 0
		return key
	}

	/** The key whose time has run out, once. */
	takeExpired(machine_ms: number): string | undefined {
		const {account} = this.core.state
		if (account.listen_key === '' || machine_ms < account.listen_key_until_ms) return undefined
		return this.end()
	}
}
