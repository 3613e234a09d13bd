export * from '../../src/chaos/system-venue.js'
