import {fileURLToPath} from 'node:url'
import {expect, test} from 'vitest'
import {reportSchemaDocument} from '../../src/audit/report-schema.js'
import {gatesDocument} from '../../src/engine/logic/gates-document.js'
import {markdownOf, type TruthDocument} from '../../src/truth/document.js'
import {graphDocument} from '../../src/truth/graph-document.js'
import {mapDocument} from '../../src/truth/map.js'
import {matrixDocument} from '../../src/truth/matrix.js'
import {wiringDocument} from '../../src/truth/wiring.js'
import {rulesDocument} from '../audit/planted-document.js'

const NOTE = 'Generated from the registry. Renew with: npx vitest run test/house/documents.test.ts -u'
const written = (document: () => TruthDocument) => () => markdownOf(document(), NOTE)

/** Documents that are generated: a stale one fails here, and `npx vitest run test/house/documents.test.ts -u` renews it. */
const documents = [
	['gates.md', gatesDocument],
	['audit-rules.md', rulesDocument],
	['registry-audit.schema.json', reportSchemaDocument],
	['registry/matrix.md', written(matrixDocument)],
	['registry/wiring.md', written(wiringDocument)],
	['registry/map.md', written(mapDocument)],
	['registry/graph.md', written(graphDocument)],
] as const

test.each(documents)('docs/%s is what the code says', async (file, render) => {
	await expect(render()).toMatchFileSnapshot(fileURLToPath(new URL(`../../docs/${file}`, import.meta.url)))
})
