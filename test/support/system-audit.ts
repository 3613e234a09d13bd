export * from '../../src/chaos/flow-audit.js'
export * from '../../src/chaos/state-audit.js'
export * from '../../src/chaos/system-audit.js'
