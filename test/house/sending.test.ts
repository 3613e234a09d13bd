import {describe, expect, it} from 'vitest'
import {type Import, importsOf} from './import-graph.js'
import {typescriptUnder} from './source-tree.js'

const sources = typescriptUnder('src')
const paths = new Set(sources.map(({path}) => path))
const imports = sources.flatMap(file => importsOf(file, path => paths.has(path)))

/** Who imports a module, for more than its types. */
const importers = (all: readonly Import[], target: string): readonly string[] =>
	[...new Set(all.filter(each => each.target === target && !each.typeOnly).map(({from}) => from))].sort()

const EXCHANGE = 'src/engine/adapters/exchange'

describe('one module sends orders', () => {
	it.each([
		['order-sender.ts', ['src/daemon/client/operator-sender.ts', 'src/daemon/host/gateway-adapters.ts']],
		['order-transport.ts', [`${EXCHANGE}/order-sender.ts`]],
		['order-steps.ts', [`${EXCHANGE}/order-sender.ts`]],
	])('%s is opened by nobody else', (file, expected) => {
		expect(importers(imports, `${EXCHANGE}/${file}`)).toEqual(expected)
	})

	it('what an operator sends past a kill is opened by the commands’ side alone', () => {
		expect(importers(imports, 'src/daemon/client/operator-sender.ts')).toEqual(['src/daemon/client/venue-access.ts'])
	})

	it('calls that create orders at the venue stand in one place', () => {
		const creates = /fapiPrivate(Post|Put)(Order|AlgoOrder|BatchOrders)\b/
		const found = sources.filter(({path, text}) => !path.startsWith('src/paper-exchange/') && creates.test(text))
		expect(found.map(({path}) => path).sort()).toEqual([`${EXCHANGE}/ccxt-surface.ts`, `${EXCHANGE}/order-steps.ts`])
	})
})
