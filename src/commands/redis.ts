import {QtCommand} from '../cli/base-command.js'
import type {Outcome} from '../cli/envelope.js'
import {EXIT_CODES} from '../engine/exit-codes.js'

type Data = Readonly<{output: string}>

export default class Redis extends QtCommand<Data> {
	static override summary = 'Run redis-cli on the server of the system'
	static override description =
		'Everything after `redis` goes to redis-cli as it is typed, except --json, which puts its output into data.output, and a leading --as <user>: reader (the default, who may read, and set the kill key), operator or host.'
	static override strict = false
	static override examples = [
		'<%= config.bin %> <%= command.id %> INFO memory',
		'<%= config.bin %> <%= command.id %> --as operator',
	]

	/** Arguments are another program's: they are not parsed here. */
	protected async work(): Promise<Outcome<Data>> {
		this.parsed = true
		const capture = this.jsonEnabled()
		const words = this.argv.filter(word => word !== '--json')
		const {redisUserOf, runRedisCli} = await import('../daemon/client/redis-cli.js')
		const {as, args} = redisUserOf(words)
		const {exit_code, output, error} = await runRedisCli(this.home, args, {env: process.env, capture, as})
		const data = {output}
		if (exit_code === 0) return {data, text: ''}
		const why = error === '' ? '' : `: ${error}`
		const message = `redis-cli ended with ${exit_code}${why}`
		return {data, text: '', code: EXIT_CODES.failure, message, hint: 'qt redis HELP lists its commands'}
	}
}
