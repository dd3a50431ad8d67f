import { limits } from '@tidemark/protocol'

const slash = '/'.charCodeAt(0)

/**
 * A pattern of paths, in the form in which paths are: as the URL standard writes them.
 * @throws {TypeError} whose message says what is wrong with it, as what follows “it”
 */
export function toPathPattern(text: string): string {
  if (/[?#]/.test(text)) throw new TypeError('has a ? or #, and paths have neither')
  if (text.includes('***')) throw new TypeError('has three stars or more in a row')
  const pattern = text.startsWith('**') ? normalize(`/${text}`).slice(1) : normalize(text)
  if (!pattern.startsWith('/') && !pattern.startsWith('**')) {
    throw new TypeError('has to begin with / or **')
  }
  if (pattern.length > limits.maxPathLength) {
    throw new TypeError(`is longer than ${limits.maxPathLength} characters`)
  }
  return pattern
}

function normalize(path: string): string {
  return path.startsWith('/') ? (URL.parse(`http://site.invalid${path}`)?.pathname ?? '') : ''
}

/**
 * Says whether a path is one of a pattern from `toPathPattern`: `*` stands for any characters but a
 * slash, `**` for any characters, none of them too, and all else for itself. The time is in proportion
 * to the length of the path, whatever is in it, as a sender makes it up.
 */
export function createPathMatcher(pattern: string): (path: string) => boolean {
  const firstStar = pattern.indexOf('*')
  if (firstStar < 0) return path => path === pattern
  const afterStars = pattern.lastIndexOf('*') + 1
  const start = pattern.slice(0, firstStar)
  const end = pattern.slice(afterStars)
  const isMiddle = createMiddleMatcher(pattern.slice(firstStar, afterStars))
  return path =>
    path.length >= start.length + end.length &&
    path.startsWith(start) &&
    path.endsWith(end) &&
    isMiddle(path.slice(start.length, path.length - end.length))
}

/** For what is from the first star of a pattern to its last. */
function createMiddleMatcher(pattern: string): (text: string) => boolean {
  if (pattern === '*') return text => !text.includes('/')
  if (pattern === '**') return () => true
  return createStateMatcher(pattern)
}

/**
 * All ways to match are followed at once, each as one bit (Shift-And: Baeza-Yates and Gonnet, “A new
 * approach to text searching”, 1992). Bit `i` is set where the first `i` plain characters of the pattern
 * have been found.
 */
function createStateMatcher(pattern: string): (text: string) => boolean {
  const { words, moves, staysInSegment, staysAnywhere, found } = compile(pattern)
  const state = new Int32Array(words)

  /** Goes on by one character, and says whether there still is a way to match. */
  function advance(code: number): boolean {
    const stays = code === slash ? staysAnywhere : staysInSegment
    const offset = code * words
    let carry = 0
    let alive = 0
    for (let i = 0; i < words; i++) {
      const before = state[i] ?? 0
      const moved = ((before << 1) | carry) & (moves[offset + i] ?? 0)
      const after = moved | (before & (stays[i] ?? 0))
      carry = before >>> 31
      state[i] = after
      alive |= after
    }
    return alive !== 0
  }

  return text => {
    state.fill(0)
    state[0] = 1
    for (let i = 0; i < text.length; i++) if (!advance(text.charCodeAt(i))) return false
    return ((state[words - 1] ?? 0) & found) !== 0
  }
}

interface States {
  /** Bits are in so many words of 32. */
  words: number
  /** For each ASCII character, which are all that paths have: the bits that it leads to. */
  moves: Int32Array
  /** Bits that stay set at any character but a slash, as there is a star. */
  staysInSegment: Int32Array
  /** Bits that stay set at any character, as there are two. */
  staysAnywhere: Int32Array
  /** In the last word: the bit for the whole pattern. */
  found: number
}

function compile(pattern: string): States {
  const parts = pattern.match(/\*+|[^*]/g) ?? []
  const length = parts.filter(part => !part.startsWith('*')).length
  const words = Math.floor(length / 32) + 1
  const moves = new Int32Array(128 * words)
  const staysInSegment = new Int32Array(words)
  const staysAnywhere = new Int32Array(words)
  let index = 0
  for (const part of parts) {
    if (part.startsWith('*')) {
      setBit(staysInSegment, 0, index)
      if (part === '**') setBit(staysAnywhere, 0, index)
    } else {
      setBit(moves, part.charCodeAt(0) * words, ++index)
    }
  }
  return { words, moves, staysInSegment, staysAnywhere, found: 1 << (length % 32) }
}

function setBit(bits: Int32Array, offset: number, index: number): void {
  const word = offset + Math.floor(index / 32)
  bits[word] = (bits[word] ?? 0) | (1 << (index % 32))
}
