/** What nobody sees: white space, control characters, signs that only steer others, and a Braille cell without dots. */
const unseen = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800]/gu

/** The text; empty when nothing of it can be seen, so that words of ours can stand in its place. */
export function visibleText(text: string): string {
  return text.replace(unseen, '') === '' ? '' : text
}

/** For `dir`: an address runs from left to right whatever it is written in, other text as its first letter does. */
export function textDirection(text: string): 'ltr' | 'auto' {
  return text.startsWith('/') ? 'ltr' : 'auto'
}

const escapes = /(?:%[\da-f]{2})+/gi

/**
 * `/caf%C3%A9` → `/café`: a path as an address bar shows it. What could not be seen or would turn the
 * text around stays an escape, and so do `%2F`, `%25` and the like, so different pages look different.
 * A path whose escapes are not UTF-8, and what is no path, is given back as it is.
 */
export function readablePath(path: string): string {
  if (!path.startsWith('/')) return path
  try {
    return path.replace(escapes, readableEscapes)
  } catch {
    return path
  }
}

/** @throws {URIError} for what is not UTF-8 */
function readableEscapes(escaped: string): string {
  const decoded = decodeURI(escaped.replaceAll('%25', '%2525'))
  return decoded.replace(unseen, character => encodeURIComponent(character))
}
