import {fileURLToPath} from 'node:url'
import {expect, test} from 'vitest'
import {reportSchemaDocument} from '../../src/audit/report-schema.js'
import {gatesDocument} from '../../src/engine/logic/gates-document.js'
import {rulesDocument} from '../audit/planted-document.js'

/** Documents that are generated: a stale one fails here, and `npx vitest run test/house/documents.test.ts -u` renews it. */
const documents = [
	['gates.md', gatesDocument],
	['audit-rules.md', rulesDocument],
	['registry-audit.schema.json', reportSchemaDocument],
] as const

test.each(documents)('docs/%s is what the code says', async (file, render) => {
	await expect(render()).toMatchFileSnapshot(fileURLToPath(new URL(`../../docs/${file}`, import.meta.url)))
})
