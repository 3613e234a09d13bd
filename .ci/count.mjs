// Usage: node .ci/count.mjs <vitest json report> <exit code of the runner>
// Prints "N passed, N failed" and exits with 0 only if something passed and nothing failed.
import {readFileSync} from 'node:fs'

const [file, exitCode] = process.argv.slice(2)

function count() {
	let report
	try {
		report = JSON.parse(readFileSync(file, 'utf8'))
	} catch (error) {
		console.log(`ci: the test runner left no report (${error.message}); that counts as one failure`)
		return {passed: 0, failed: 1}
	}
	const passed = report.numPassedTests
	// A file that cannot be loaded has no tests to fail: it counts as one itself.
	const unloaded = report.testResults.filter(
		({status, assertionResults}) => status === 'failed' && assertionResults.every(test => test.status !== 'failed'),
	)
	for (const {name} of unloaded) console.log(`ci: ${name} failed outside its tests; that counts as one failure`)
	const failed = report.numFailedTests + unloaded.length
	if (failed > 0 || exitCode === '0') return {passed, failed}
	console.log(`ci: the test runner ended with ${exitCode} though no test failed; that counts as one failure`)
	return {passed, failed: 1}
}

const {passed, failed} = count()
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = passed > 0 && failed === 0 ? 0 : 1
