import {createReadStream} from 'node:fs'
import {createGunzip} from 'node:zlib'
import {messageOf} from '../unusable.js'

/** A line longer than this is no line of ours; a file without line ends would otherwise fill the memory. */
const LINE_MAX_CHARACTERS = 4_000_000

export type Line = Readonly<{number: number; text: string}>

/**
 * The lines of a text file, unpacked when its name ends in `.gz`, in batches as they are read; numbers start at 1.
 * Carriage returns and a byte order mark are left out.
 * @throws Error that names the file when it cannot be read or unpacked.
 */
export async function* readLines(file: string): AsyncGenerator<readonly Line[]> {
	const raw = createReadStream(file)
	const bytes = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw
	raw.on('error', error => bytes.destroy(error))
	const decoder = new TextDecoder('utf-8')
	let rest = ''
	let number = 0
	try {
		for await (const chunk of bytes) {
			const parts = (rest + decoder.decode(chunk, {stream: true})).split('\n')
			rest = parts.pop() ?? ''
			if (rest.length > LINE_MAX_CHARACTERS)
				throw new Error(`line ${number + parts.length + 1} is longer than ${LINE_MAX_CHARACTERS} characters`)
			yield parts.map(text => ({number: ++number, text: text.endsWith('\r') ? text.slice(0, -1) : text}))
		}
	} catch (error) {
		const reason = messageOf(error)
		throw new Error(`${file} cannot be read: ${reason}. Give a whole ${file.endsWith('.gz') ? 'gzip' : 'text'} file`, {
			cause: error,
		})
	} finally {
		raw.destroy()
		bytes.destroy()
	}
	if (rest !== '') yield [{number: number + 1, text: rest}]
}
