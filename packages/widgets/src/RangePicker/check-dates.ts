/** Dates that a viewer entered, as `YYYY-MM-DD`; empty without a date. */
export interface EnteredDates {
  first: string
  /** Inclusive. */
  last: string
}

/** Problem of entered dates: the key of its text, and the date to name in it. */
export type DatesProblem =
  | { key: 'missing' | 'wrongOrder'; date?: undefined }
  | { key: 'tooEarly' | 'tooLate'; date: string }

/** Returns the problem of entered dates, or `undefined`. Dates of this form sort like text. */
export function findDatesProblem(
  { first, last }: EnteredDates,
  min: string | undefined,
  max: string,
): DatesProblem | undefined {
  if (!first || !last) return { key: 'missing' }
  if (first > last) return { key: 'wrongOrder' }
  if (min !== undefined && first < min) return { key: 'tooEarly', date: min }
  if (last > max) return { key: 'tooLate', date: max }
  return undefined
}
