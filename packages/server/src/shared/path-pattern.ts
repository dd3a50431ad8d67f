import { limits, normalizeEscapes, pageFragmentOf } from '@tidemark/protocol'

const slash = '/'.charCodeAt(0)

/** Rules of a site for its pages. */
export interface PatternRules {
  /** Applies the rules to a normalized path without query. */
  rewrite(path: string): string
  /** Returns the part of a query that belongs to the page, with its question mark. */
  queryOf(search: string): string
}

const defaultRules: PatternRules = { rewrite: path => path, queryOf: () => '' }

/**
 * Normalizes a path pattern as the paths of pages: see `pagePathOf`. A query may name parameters that belong to the page.
 * @param rules rules of the site. @default no rules, so that a pattern has no query
 * @throws {TypeError} for an invalid pattern; the message continues a sentence about the pattern ("has a ?, …")
 */
export function toPathPattern(text: string, rules: PatternRules = defaultRules): string {
  if (text.includes('***')) throw new TypeError('has three or more stars in a row; use * or **')
  const pattern = text.startsWith('**')
    ? normalize(`/${text}`, rules).slice(1)
    : normalize(text, rules)
  if (!pattern.startsWith('/') && !pattern.startsWith('**')) {
    throw new TypeError('does not start with / or **; add a slash')
  }
  if (pattern.length > limits.maxPathLength) {
    throw new TypeError(`has ${pattern.length} characters; use at most ${limits.maxPathLength}`)
  }
  return pattern
}

function normalize(path: string, { rewrite, queryOf }: PatternRules): string {
  const url = path.startsWith('/') ? URL.parse(`http://site.invalid${path}`) : undefined
  if (!url) return ''
  const fragment = pageFragmentOf(url.hash)
  if (fragment === '' && url.hash.includes('=')) {
    throw new TypeError(
      `has the fragment ${url.hash}, which no page has; a fragment with = starts with #/ or #!`,
    )
  }
  const query = queryOf(url.search)
  if (query === '' && url.href.includes('?')) throw new TypeError('has a ?; leave out the query')
  const [mark = '', route = ''] = fragment.split(/(?<=^#!?)(?=\/)/)
  return (
    rewrite(normalizeEscapes(url.pathname)) +
    query +
    (route === '' ? fragment : mark + rewrite(route))
  )
}

/**
 * Creates a matcher for a pattern from `toPathPattern`: `*` matches any characters except a slash, `**` matches any
 * characters, and both also match nothing. As in picomatch, a final `/**` may also be missing: `/docs/**` matches
 * `/docs`. The time is linear in the length of the path, because senders choose the path.
 */
export function createPathMatcher(pattern: string): (path: string) => boolean {
  const isMatch = createPlainMatcher(pattern)
  if (!pattern.endsWith('/**') || pattern === '/**') return isMatch
  const isParent = createPlainMatcher(pattern.slice(0, -'/**'.length))
  return path => isMatch(path) || isParent(path)
}

function createPlainMatcher(pattern: string): (path: string) => boolean {
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

/** Creates a matcher for the part of a pattern from its first star to its last. */
function createMiddleMatcher(pattern: string): (text: string) => boolean {
  if (pattern === '*') return text => !text.includes('/')
  if (pattern === '**') return () => true
  return createStateMatcher(pattern)
}

/**
 * Follows all partial matches at once, each as one bit (Shift-And: Baeza-Yates and Gonnet, “A new approach to text
 * searching”, 1992). Bit `i` is set when the first `i` plain characters of the pattern have been found.
 */
function createStateMatcher(pattern: string): (text: string) => boolean {
  const { words, moves, staysInSegment, staysAnywhere, found } = compile(pattern)
  const state = new Int32Array(words)

  /** Advances by one character. Returns whether a partial match is left. */
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
  /** Number of 32-bit words for all bits. */
  words: number
  /** Bits that each character leads to. Serialized paths have only ASCII characters. */
  moves: Int32Array
  /** Bits that stay set at any character except a slash, for `*`. */
  staysInSegment: Int32Array
  /** Bits that stay set at any character, for `**`. */
  staysAnywhere: Int32Array
  /** Bit of the complete pattern, in the last word. */
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
