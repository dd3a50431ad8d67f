/** Largest answer, in bytes before compression. */
export const maxAnswerBytes = 8_000_000

/** Texts are encoded when this many characters have been collected. */
const chunkLength = 32_768

/** An answer exceeds its limit. */
export class AnswerTooLargeError extends Error {}

/** Collects the text of an answer as UTF-8, outside of the JavaScript heap. */
export interface AnswerWriter {
  /** @throws {AnswerTooLargeError} when the answer exceeds the limit */
  text(text: string): void
  /** Writes a value as JSON. */
  json(value: unknown): void
  /** Returns the collected bytes. */
  finish(): Buffer
}

/** @param maxBytes largest answer. @default 8 MB */
export function createAnswerWriter(maxBytes: number = maxAnswerBytes): AnswerWriter {
  const chunks: Buffer[] = []
  let bytes = 0
  let pending = ''

  function flush(): void {
    const chunk = Buffer.from(pending)
    bytes += chunk.length
    pending = ''
    if (bytes > maxBytes) throw new AnswerTooLargeError()
    chunks.push(chunk)
  }

  function text(added: string): void {
    pending += added
    if (pending.length >= chunkLength) flush()
  }

  return {
    text,
    json: value => text(JSON.stringify(value)),
    finish() {
      flush()
      return Buffer.concat(chunks)
    },
  }
}
