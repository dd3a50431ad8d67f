const escape = /\\(?:x([0-9a-fA-F]{2})|([nrtbvf"\\]))/g

const controls = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['b', 0x08],
  ['v', 0x0b],
  ['f', 0x0c],
  ['"', 0x22],
  ['\\', 0x5c],
])

/**
 * Undoes what Apache and nginx do to a quoted field: `\"`, `\\`, `\n` and the like, and `\xhh` for one
 * byte. Bytes that together are no UTF-8 become U+FFFD, so the result is always well-formed. A backslash
 * before anything else is a backslash: not every server escapes.
 */
export function unescapeField(text: string): string {
  if (!text.includes('\\')) return text
  const parts: Buffer[] = []
  let end = 0
  for (const match of text.matchAll(escape)) {
    const [whole, hex, name = ''] = match
    parts.push(Buffer.from(text.slice(end, match.index)))
    parts.push(Buffer.of(hex === undefined ? (controls.get(name) ?? 0) : Number.parseInt(hex, 16)))
    end = match.index + whole.length
  }
  parts.push(Buffer.from(text.slice(end)))
  return Buffer.concat(parts).toString()
}
