const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([nrtbvf"\\/]))/g

const controls = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['b', 0x08],
  ['v', 0x0b],
  ['f', 0x0c],
  ['"', 0x22],
  ['\\', 0x5c],
  ['/', 0x2f],
])

/**
 * Decodes the escapes that Apache and nginx write in quoted fields: `\"`, `\\`, `\n` and similar, `\xhh` for one byte,
 * and `\uhhhh` with `escape=json`. Invalid UTF-8 becomes U+FFFD, so the result is always well-formed. Any other
 * backslash is kept, because some servers do not escape.
 */
export function unescapeField(text: string): string {
  if (!text.includes('\\')) return text
  const parts: Buffer[] = []
  let end = 0
  for (const match of text.matchAll(escape)) {
    const [escaped, hex, unit, name = ''] = match
    parts.push(Buffer.from(text.slice(end, match.index)))
    if (hex !== undefined) parts.push(Buffer.of(Number.parseInt(hex, 16)))
    else if (unit === undefined) parts.push(Buffer.of(controls.get(name) ?? 0))
    else parts.push(Buffer.from(String.fromCharCode(Number.parseInt(unit, 16))))
    end = match.index + escaped.length
  }
  parts.push(Buffer.from(text.slice(end)))
  return Buffer.concat(parts).toString()
}
