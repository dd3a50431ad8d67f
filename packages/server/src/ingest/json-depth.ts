/** A shorter text is parsed within a few milliseconds, however deep it is. */
const longLength = 64 * 1024
/** What anyone sends has five levels. */
const maxDepth = 64

const quote = 0x22
const backslash = 0x5c

/**
 * Whether a long JSON text nests arrays and objects so deep that it can only be meant to keep a parser busy:
 * `JSON.parse` takes 70 ms for half a megabyte of `[`. Found in a hundredth of that.
 */
export function isTooDeep(text: string): boolean {
  if (text.length < longLength) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at)
        break
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > maxDepth) return true
        break
      case 0x5d: // ]
      case 0x7d: // }
        depth--
    }
  }
  return false
}

/** The place of the quote that ends a string, or the end of the text. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1
  while (text.charCodeAt(before) === backslash) before--
  return (at - before) % 2 === 0
}
