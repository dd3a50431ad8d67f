/** Longest unfinished line, in characters. */
const maxLineLength = 4 * 1024 * 1024

/**
 * Creates a parser for server-sent events (HTML standard, section 9.2.6). Call the returned function with each chunk
 * of text; it calls `onData` with the `data` of every complete event. Other fields are ignored.
 * @throws {RangeError} from the returned function, for an unfinished line over 4 Mi characters
 */
export function createEventStreamParser(onData: (data: string) => void): (text: string) => void {
  let rest = ''
  let data: string[] = []

  function parseLine(line: string): void {
    if (line === '') {
      if (data.length > 0) onData(data.join('\n'))
      data = []
    } else if (line.startsWith('data:')) {
      data.push(line.slice(line.startsWith('data: ') ? 6 : 5))
    }
  }

  return text => {
    rest += text
    // A carriage return at the end of a chunk may be the first half of `\r\n`.
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    if (rest.length > maxLineLength) throw new RangeError('A line of the event stream is too long.')
    for (const line of lines) parseLine(line)
  }
}
