/** Invisible characters: white space, control and format characters, and the Braille cell without dots. */
const invisible = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800]/gu

/** Returns the text, or an empty string if no character of it is visible, so that a placeholder can replace it. */
export function visibleText(text: string): string {
  return text.replace(invisible, '') === '' ? '' : text
}

/** Returns the `dir` attribute for a text: paths run from left to right, other text follows its first letter. */
export function textDirection(text: string): 'ltr' | 'auto' {
  return text.startsWith('/') ? 'ltr' : 'auto'
}

const escapes = /(?:%[\da-f]{2})+/gi

/**
 * Decodes a path for display, as an address bar does: `/caf%C3%A9` → `/café`. Characters that are
 * invisible or change the writing direction stay escaped, and so do `%2F`, `%25` and the like, so that
 * different pages look different. Text that is not a path, and a path with escapes that are not
 * UTF-8, stay unchanged.
 */
export function readablePath(path: string): string {
  if (!path.startsWith('/')) return path
  try {
    return path.replace(escapes, readableEscapes)
  } catch {
    return path
  }
}

/** @throws {URIError} for bytes that are not UTF-8 */
function readableEscapes(escaped: string): string {
  const decoded = decodeURI(escaped.replaceAll('%25', '%2525'))
  return decoded.replace(invisible, character => encodeURIComponent(character))
}
