import { randomUUID } from 'node:crypto'

/** Header of every answer with the ID of its request. */
export const requestIdHeader = 'X-Request-Id'

export function createRequestId(): string {
  return randomUUID()
}

/** Returns whether a text can be the ID of a request: 8 to 128 letters, digits and `. _ -`. */
export function isRequestId(text: string): boolean {
  return text.length >= 8 && text.length <= 128 && /^[\w.-]+$/.test(text)
}
