import {randomBytes} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import {z} from 'zod'
import type {Mode} from '../../engine/contracts/mode.js'
import {OperatorError} from '../../engine/errors.js'
import {EXIT_CODES} from '../../engine/exit-codes.js'
import {writeFileAtomically} from '../supervision/atomic-file.js'
import type {Home} from './home.js'

export type Credentials = Readonly<{api_key: string; api_secret: string}>
const schema = z.strictObject({paper: z.strictObject({api_key: z.string(), api_secret: z.string()})})

/** What does not fit is not shown: it may be most of a key. */
const storedPaper = (path: string): Credentials => {
	try {
		return schema.parse(JSON.parse(readFileSync(path, 'utf8'))).paper
	} catch {
		throw new OperatorError(`${path} does not hold the key pair of the paper venue`, {
			exit_code: EXIT_CODES.usage,
			hint: 'with the system down, move it away: qt up draws another pair',
		})
	}
}

/** The paper venue's key pair: drawn once per home, kept in a file that nobody else can read. */
export const paperCredentials = (home: Home): Credentials => {
	if (existsSync(home.secrets)) return storedPaper(home.secrets)
	const paper = {api_key: randomBytes(24).toString('hex'), api_secret: randomBytes(32).toString('hex')}
	writeFileAtomically(home.secrets, `${JSON.stringify({paper}, null, '\t')}\n`)
	return paper
}

/** Credentials of a mode. Real ones come from the environment alone and are never written down. */
export const credentialsOf = (mode: Mode, home: Home, env: NodeJS.ProcessEnv): Credentials => {
	if (mode === 'PAPER') return paperCredentials(home)
	const {QT_API_KEY: api_key, QT_API_SECRET: api_secret} = env
	if (api_key && api_secret) return {api_key, api_secret}
	const missing = [api_key ? '' : 'QT_API_KEY', api_secret ? '' : 'QT_API_SECRET'].filter(Boolean).join(' and ')
	throw new OperatorError(
		`mode ${mode} needs credentials: ${missing} ${missing.includes('and') ? 'are' : 'is'} not set`,
		{
			exit_code: EXIT_CODES.needs_input,
			hint: 'export QT_API_KEY and QT_API_SECRET (a key without withdrawal rights), then run the command again',
		},
	)
}
