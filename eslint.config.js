// Biome formats and lints; this adds only what needs types, which Biome does not have.
import tseslint from 'typescript-eslint'

export default tseslint.config(
	{ignores: ['dist/', 'node_modules/', 'coverage/', 'bin/', '*.js']},
	{
		files: ['**/*.ts', '**/*.tsx'],
		languageOptions: {
			parser: tseslint.parser,
			parserOptions: {projectService: true, tsconfigRootDir: import.meta.dirname},
		},
		linterOptions: {reportUnusedDisableDirectives: 'error'},
		plugins: {'@typescript-eslint': tseslint.plugin},
		rules: {
			'@typescript-eslint/await-thenable': 'error',
			'@typescript-eslint/consistent-type-imports': 'error',
			// Work whose failure nobody sees is how a system says that it runs and doesn't.
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-misused-promises': 'error',
			'@typescript-eslint/no-for-in-array': 'error',
			'@typescript-eslint/only-throw-error': 'error',
			'@typescript-eslint/prefer-promise-reject-errors': 'error',
			// A promise returned out of a try block escapes its catch.
			'@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
			'@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
		},
	},
)
