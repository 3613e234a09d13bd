import type {Diagnostic} from '../../daemon/client/diagnostic.js'

export const diagnosticView = ({file, bytes, parts, unread}: Diagnostic): string =>
	[
		`${file}: ${bytes} bytes, only you can read it; secrets are taken out, symbols and amounts are not`,
		`holds ${parts.join(', ')}`,
		...Object.entries(unread).map(([part, why]) => `without ${part}: ${why}`),
	].join('\n')
