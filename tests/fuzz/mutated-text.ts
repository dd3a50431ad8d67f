import fc from 'fast-check'

/** Longest generated text, in characters: above every limit of the server. */
const maxLength = 600_000

/** Pieces that have broken parsers of JSON, URLs, headers and log lines. */
const pieces = [
  ...[
    '"',
    '\\',
    '[',
    '{',
    '}',
    ']',
    ',',
    ':',
    '&',
    '=',
    '%',
    '%00',
    '%zz',
    '%c0%ae',
    '+',
    '#',
    ';',
  ],
  ...['\u0000', '\ud800', '\udfff', '\u202e', '\ufeff', '\u2028', '\r\n', '\t', ' ', 'é', '𝕏'],
  ...['__proto__', '"constructor":{', '"toString":', 'null', 'true', 'NaN', '1e999', '-0', '-1'],
  ...['9007199254740993', '0x10', '1e-400', '../', '//', '<script>', 'javascript:', '*', '"a":'],
  ...['-', '.', '_', '~', '0', '1.99999999999', 'W/"', '""', '/', '?', '@', '::1', '[::1]:80'],
]

type Mutation = (text: string) => string

/** Position in a text, as a share of its length. */
const share = fc.double({ min: 0, max: 1, noNaN: true })

const insertion = fc
  .tuple(share, fc.constantFrom(...pieces), fc.constantFrom(1, 1, 1, 2, 100, 5000))
  .map(([at, piece, times]): Mutation => {
    return text => splice(text, at, 0, piece.repeat(times))
  })

const removal = fc.tuple(share, fc.integer({ min: 1, max: 20 })).map(
  ([at, length]): Mutation =>
    text =>
      splice(text, at, length, ''),
)

const repetition = fc
  .tuple(share, fc.integer({ min: 1, max: 200 }), fc.constantFrom(1, 2, 50, 3000))
  .map(([at, length, times]): Mutation => {
    return text => {
      const from = Math.floor(at * text.length)
      return splice(text, at, 0, text.slice(from, from + length).repeat(times))
    }
  })

const replacement = fc.tuple(share, fc.integer({ min: 0, max: 0xffff })).map(
  ([at, code]): Mutation =>
    text =>
      splice(text, at, 1, String.fromCharCode(code)),
)

const truncation = share.map(
  (at): Mutation =>
    text =>
      text.slice(0, Math.floor(at * text.length)),
)

const mutation = fc.oneof(insertion, removal, repetition, replacement, truncation)

/** Generates texts that differ from a valid one in up to six places; at times a valid text, at times any text. */
export function mutatedText(valid: readonly string[]): fc.Arbitrary<string> {
  const mutated = fc
    .tuple(fc.constantFrom(...valid), fc.array(mutation, { maxLength: 6 }))
    .map(([text, mutations]) =>
      mutations.reduce((before, mutate) => mutate(before).slice(0, maxLength), text),
    )
  return fc.oneof(
    { weight: 9, arbitrary: mutated },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  )
}

function splice(text: string, at: number, removed: number, inserted: string): string {
  const from = Math.floor(at * text.length)
  return text.slice(0, from) + inserted + text.slice(from + removed)
}
