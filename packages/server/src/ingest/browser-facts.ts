import { type BrowserFacts, limits } from '@tidemark/protocol'

/** Up to five digits each, as in `390x844`. */
const screenFormat = /^[1-9]\d{0,4}x[1-9]\d{0,4}$/
/** Form of a BCP 47 tag. Its subtags are not looked up. */
const languageFormat = /^[a-z]{1,8}(?:-[a-z\d]{1,8})*$/i
const dayFormat = /^\d{4}-\d{2}-\d{2}$/

/** Returns the valid facts of a batch. An invalid one is ignored, because it must not cost an event. */
export function pickBrowserFacts({
  screen,
  language,
  touch,
  firstSeen,
}: Readonly<Record<string, unknown>>): BrowserFacts {
  return {
    ...(isScreen(screen) && { screen }),
    ...(isLanguage(language) && { language }),
    ...(isTouch(touch) && { touch }),
    ...(isDay(firstSeen) && { firstSeen }),
  }
}

function isScreen(value: unknown): value is string {
  return typeof value === 'string' && screenFormat.test(value)
}

function isLanguage(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= limits.maxLanguageLength &&
    languageFormat.test(value)
  )
}

function isTouch(value: unknown): value is number {
  return (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= 0 &&
    value <= limits.maxTouchPoints
  )
}

/** Returns whether a value is a day of the calendar, such as `2026-12-01`. */
function isDay(value: unknown): value is string {
  if (typeof value !== 'string' || !dayFormat.test(value)) return false
  const time = Date.parse(`${value}T00:00Z`)
  // `Date.parse` accepts February 30.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value)
}
