/** Messages with consecutive indexes, of which the last ones are in memory. */
export interface MessageLog {
  /** Index of the next message: the number of messages so far. */
  readonly next: number
  add(message: string): void
  /**
   * Returns the messages from an index on. An index before the first stored message, and one that no message has yet,
   * return all stored messages.
   */
  since(index: number): readonly string[]
}

export interface MessageLogBounds {
  readonly maxMessages: number
  /** Most characters of all messages. */
  readonly maxLength: number
}

export function createMessageLog({ maxMessages, maxLength }: MessageLogBounds): MessageLog {
  const messages: string[] = []
  let first = 0
  let length = 0

  return {
    get next() {
      return first + messages.length
    },
    add(message) {
      messages.push(message)
      length += message.length
      // The newest message stays, whatever its length.
      while (messages.length > 1 && (messages.length > maxMessages || length > maxLength)) {
        length -= messages.shift()?.length ?? 0
        first++
      }
    },
    since(index) {
      const isKnown = index <= first + messages.length
      return messages.slice(isKnown ? Math.max(0, index - first) : 0)
    },
  }
}
