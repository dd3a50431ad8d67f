/** Stands for the number in a text with its unit. */
export const numberMark = '\u0000'

/** Text before and after a number, such as `' visitors'` after it. */
export interface UnitText {
  readonly before: string
  readonly after: string
}

/** Splits a text at the number's mark: `"\0 visitors"` → `' visitors'` after it. */
export function splitUnit(text: string): UnitText {
  // Isolation marks would be in two different elements.
  const [before = '', ...rest] = text.replaceAll(/[\u2068\u2069]/g, '').split(numberMark)
  return rest.length > 0 ? { before, after: rest.join('') } : { before: '', after: ` ${before}` }
}
