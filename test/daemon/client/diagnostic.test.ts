import {mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {writeDiagnostic} from '../../../src/daemon/client/diagnostic.js'
import {homeAt} from '../../../src/daemon/system/home.js'
import {passwordFile} from '../../../src/daemon/system/redis-login.js'
import {paperCredentials} from '../../../src/daemon/system/secrets.js'
import {type TemporaryHome, temporaryHome} from '../../support/temporary-home.js'

let place: TemporaryHome
beforeAll(async () => {
	place = await temporaryHome()
})
afterAll(() => place.remove())

test('holds what can be read, names what cannot, and no secret of the home, the environment or an address', async () => {
	const home = homeAt(place.path)
	for (const folder of [home.logs, home.access]) mkdirSync(folder)
	const {api_key, api_secret} = paperCredentials(home)
	const [password, exported] = ['drawn at the start', 'given by the shell']
	writeFileSync(passwordFile(home, 'host'), `${password}\n`)
	const heartbeat_url = 'https://watch.example/key-in-a-path/ping?token=key%2Dthat-is-asked-with'
	const settings = {mode: 'PAPER', redis_url: 'redis://me:within-an-address@localhost:1', heartbeat_url}
	writeFileSync(home.settings, JSON.stringify(settings))
	const said = [api_key, api_secret, password, exported].map(secret => `failed with ${secret} "quoted"`)
	writeFileSync(join(home.logs, 'host-core.log'), `${said.join('\n')}\nsignature=abc123&last line\n`)
	const file = join(place.path, 'report.json')
	const env = {QT_API_SECRET: exported, PATH: '/usr/bin'}
	const written = await writeDiagnostic(home, file, env)
	const text = readFileSync(file, 'utf8')
	const addressed = ['within-an-address', 'key-in-a-path', 'that-is-asked-with']
	for (const secret of [api_key, api_secret, password, exported, 'abc123', ...addressed])
		expect(text).not.toContain(secret)
	expect(text).toContain('https://watch.example/')
	const report = JSON.parse(text) as Record<string, Record<string, unknown>>
	expect(report.logs?.['host-core']).toHaveLength(5)
	expect(report.status).toMatchObject({state: 'STOPPED'})
	expect(Object.keys(written.unread).sort()).toEqual(['entries', 'policy', 'streams'])
	expect(report.unread).toEqual(written.unread)
	expect(statSync(file).mode & 0o777).toBe(0o600)
	await expect(writeDiagnostic(home, file, env)).rejects.toThrow('report.json is there already')
})
