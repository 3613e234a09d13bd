/**
 * One event as `text/event-stream` has it: https://html.spec.whatwg.org/multipage/server-sent-events.html
 * JSON has no line ends outside of its strings, and escapes them inside: whatever a field holds, it stays one line.
 */
export const sentEvent = ({id, event, data}: Readonly<{id: string; event: string; data: unknown}>): string =>
	`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** What a client does not take for an event: a sign of life, or a last word. One line, no text of others. */
export const sentComment = (text: string): string => `: ${text}\n\n`

/** How long a client waits before it connects again. */
export const sentRetry = (ms: number): string => `retry: ${ms}\n\n`
