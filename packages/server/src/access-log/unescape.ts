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
 * Decodes the escapes that Apache and nginx write in quoted fields: `\"`, `\\`, `\n` and similar, and `\xhh` for one
 * byte. Invalid UTF-8 becomes U+FFFD, so the result is always well-formed. Any other backslash is kept, because some
 * servers do not escape.
 */
export function unescapeField(text: string): string {
  if (!text.includes('\\')) return text
  const parts: Buffer[] = []
  let end = 0
  for (const match of text.matchAll(escape)) {
    const [escaped, hex, name = ''] = match
    parts.push(Buffer.from(text.slice(end, match.index)))
    parts.push(Buffer.of(hex === undefined ? (controls.get(name) ?? 0) : Number.parseInt(hex, 16)))
    end = match.index + escaped.length
  }
  parts.push(Buffer.from(text.slice(end)))
  return Buffer.concat(parts).toString()
}
