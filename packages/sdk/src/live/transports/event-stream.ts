/** A line that has no end is not kept beyond this many characters. */
const maxLineLength = 4 * 1024 * 1024

/**
 * Reads server-sent events: gives back the function to call with each piece of text as it comes, in which
 * `onData` is called with the `data` of every event (HTML standard, section 9.2.6). What else a line may
 * say is passed over, as none of it is needed to read a site.
 * @throws {RangeError} for a line that is too long
 */
export function createEventStreamParser(onData: (data: string) => void): (text: string) => void {
  let rest = ''
  let data: string[] = []

  function takeLine(line: string): void {
    if (line === '') {
      if (data.length > 0) onData(data.join('\n'))
      data = []
    } else if (line.startsWith('data:')) {
      data.push(line.slice(line.startsWith('data: ') ? 6 : 5))
    }
  }

  return text => {
    rest += text
    // A carriage return at the very end may be half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    if (rest.length > maxLineLength) throw new RangeError('A line of the stream has no end.')
    for (const line of lines) takeLine(line)
  }
}
