/** Visitors of one country, as in the channel `countries` and in history by country. */
export interface CountryVisitors {
  /** Two-letter code of ISO 3166-1; anything else counts as unknown. */
  readonly country: string
  readonly visitors: number
}

/** One country of the map and its table. */
export interface MapRow {
  /** Two-letter code in capitals; `undefined` for the row of unknown countries. */
  readonly code: string | undefined
  /** Name in the widget's language. */
  readonly name: string
  readonly visitors: number
  /** Part of all visitors, from 0 to 1. */
  readonly share: number
}

/**
 * Returns one row for each country with visitors, largest first, and a last one for visitors whose country is unknown
 * or part of a rest row. Numbers that are not positive are ignored.
 *
 * @param nameOf returns the name of a two-letter code
 */
export function toMapRows(
  countries: readonly CountryVisitors[],
  nameOf: (code: string) => string,
  unknownName: string,
): MapRow[] {
  const visitorsByCode = new Map<string | undefined, number>()
  let total = 0
  for (const { country, visitors } of countries) {
    if (!(visitors > 0)) continue
    const code = /^[a-z]{2}$/i.test(country) ? country.toUpperCase() : undefined
    visitorsByCode.set(code, (visitorsByCode.get(code) ?? 0) + visitors)
    total += visitors
  }
  const rows = [...visitorsByCode].map(([code, visitors]) => ({
    code,
    name: code === undefined ? unknownName : nameOf(code),
    visitors,
    share: visitors / total,
  }))
  return rows.toSorted((a, b) => {
    const unknownLast = Number(a.code === undefined) - Number(b.code === undefined)
    return unknownLast || b.visitors - a.visitors || a.name.localeCompare(b.name)
  })
}
