import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {DEFAULT_PREFIX, Naming} from '../../src/engine/contracts/naming.js'
import {applyPlan, executionResult} from '../../src/engine/contracts/streams/trade.js'
import {targetNames} from '../../src/engine/contracts/targets.js'
import {readersOf, streams, units, writersOf} from '../../src/engine/registry.js'
import {idOf, routeBetween, streamNode, wholeGraph} from '../../src/truth/graph.js'
import {chosenGraph} from '../../src/truth/graph-choice.js'
import {GRAPH_FORMATS, graphText} from '../../src/truth/graph-text.js'

const names = (choice: Parameters<typeof chosenGraph>[0]) => chosenGraph(choice, DEFAULT_PREFIX).nodes.map(idOf)

describe('the graph', () => {
	it('has every unit and stream once, and edges between what it has', () => {
		const {nodes, edges} = wholeGraph()
		const ids = nodes.map(idOf)
		expect(new Set(ids).size).toBe(ids.length)
		expect(ids).toEqual(
			expect.arrayContaining([...units.map(({name}) => name), ...streams.map(of => streamNode(of.name))]),
		)
		expect(edges.filter(({from, to}) => !ids.includes(from) || !ids.includes(to))).toEqual([])
	})

	it('narrows to a unit, a stream by the name that Redis shows, or a stage', () => {
		expect(names({focus: 'governor'})).toEqual(
			expect.arrayContaining(['governor', 'apply-layer', streamNode(applyPlan.name)]),
		)
		expect(names({focus: 'governor'})).not.toContain('price-feed')
		const around = [...writersOf(executionResult.name), ...readersOf(executionResult.name)].map(({name}) => name)
		const node = streamNode(executionResult.name)
		expect(names({focus: new Naming(DEFAULT_PREFIX).stream(executionResult.name)}).sort()).toEqual(
			[node, ...around].sort(),
		)
		expect(names({target: 'exec'})).not.toContain('price-feed')
	})

	it('names the nearest where a name is mistyped', () => {
		expect(() => names({focus: 'govenor'})).toThrow(
			expect.objectContaining({hint: 'did you mean governor?', exit_code: 2}),
		)
		expect(() => names({target: 'exce'})).toThrow(expect.objectContaining({hint: 'did you mean exec?', exit_code: 2}))
	})

	it.each(GRAPH_FORMATS)('is drawn as %s, with every node of it', format => {
		for (const target of targetNames) {
			const graph = chosenGraph({target}, DEFAULT_PREFIX)
			const text = graphText(graph, format)
			expect(graph.nodes.filter(({name}) => !text.includes(name))).toEqual([])
		}
	})

	it('routes join on, and no shorter one is left out', () => {
		const name = fc.constantFrom(...units.map(unit => unit.name))
		fc.assert(
			fc.property(name, name, (from, to) => {
				const hops = routeBetween(from, to)
				if (!hops) return
				for (const [index, {writer, stream, reader}] of hops.entries()) {
					expect(writer).toBe(index === 0 ? from : hops[index - 1]?.reader)
					expect(writersOf(stream).map(unit => unit.name)).toContain(writer)
					expect(readersOf(stream).map(unit => unit.name)).toContain(reader)
					expect(routeBetween(reader, to)?.length).toBe(hops.length - index - 1)
				}
			}),
			{numRuns: 50},
		)
	})
})
