import {createHash} from 'node:crypto'
import {type Command, Redis, type RedisOptions} from 'ioredis'

const sha = (lua: string): string => createHash('sha1').update(lua).digest('hex')

/**
 * A connection on whose way a part of every script is replaced by another text: the program believes that the server
 * runs what it sent. A script known by its hash is asked for anew, as after a restart of the server.
 */
export class RewritingRedis extends Redis {
	readonly #hashes = new Map<string, string>()

	constructor(
		private readonly socket: string,
		private readonly part: string,
		private readonly other: string,
		retryStrategy: RedisOptions['retryStrategy'] = () => 50,
	) {
		super({path: socket, retryStrategy})
		this.on('error', () => undefined)
	}

	override duplicate(override?: Partial<RedisOptions>): Redis {
		return new RewritingRedis(this.socket, this.part, this.other, override?.retryStrategy)
	}

	override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
		const [first] = command.args
		if (typeof first === 'string' && command.name === 'eval') {
			const rewritten = first.split(this.part).join(this.other)
			this.#hashes.set(sha(first), sha(rewritten))
			command.args[0] = rewritten
		}
		if (typeof first === 'string' && command.name === 'evalsha')
			command.args[0] = this.#hashes.get(first) ?? sha(`unknown ${first}`)
		return super.sendCommand(command, stream)
	}
}
