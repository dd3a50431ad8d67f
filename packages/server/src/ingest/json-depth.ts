/** A shorter text has at most 2,048 levels. `JSON.stringify` fails beyond about 4,400, for want of stack. */
const minCheckedLength = 4 * 1024
/** Regular requests have five levels. */
const maxDepth = 64

const quote = 0x22
const backslash = 0x5c

/**
 * Returns whether a long JSON text nests arrays and objects more than 64 levels deep. Such a text is an attack on the
 * parser: `JSON.parse` takes 70 ms for half a megabyte of `[`. This check takes a hundredth of that.
 */
export function isTooDeep(text: string): boolean {
  if (text.length < minCheckedLength) return false
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case quote:
        index = endOfString(text, index)
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

/** Returns the index of the quote that ends a string, or the length of the text. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

function isEscaped(text: string, index: number): boolean {
  let before = index - 1
  while (text.charCodeAt(before) === backslash) before--
  return (index - before) % 2 === 0
}
