import { formatDecimal } from '../text/format-number.ts'
import { memoizeByLocale } from '../text/locale.ts'

/** A text by plural category of `count`, as in `Intl.PluralRules`. */
export type PluralMessage = Readonly<
  Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }
>

/** A text with placeholders such as `{name}`, or one text for each plural category of `count`. */
export type Message = string | PluralMessage

/** Values of placeholders. Numbers are formatted for the locale; `count` also selects the plural. */
export type MessageParams = Readonly<Record<string, string | number>>

const plurals = memoizeByLocale(locale => new Intl.PluralRules(locale))

/** Letters that run from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/

const placeholder = /\{(\w+)\}/g

/**
 * Fills in the placeholders of a message: `{ one: '{count} person', other: '{count} people' }` with
 * `{ count: 2 }` → `"2 people"`. An unknown placeholder stays as it is. A text in a sentence of the other
 * writing direction is isolated, so that it does not move the punctuation around it.
 */
export function formatMessage(message: Message, params: MessageParams, locale: string): string {
  const text = typeof message === 'string' ? message : pluralForm(message, params, locale)
  const isRightToLeft = rightToLeft.test(text)
  return text.replace(placeholder, (match, name: string) => {
    const value = params[name]
    if (value === undefined) return match
    if (typeof value === 'number') return formatDecimal(value, locale)
    return rightToLeft.test(value) === isRightToLeft ? value : `\u2068${value}\u2069`
  })
}

function pluralForm(message: PluralMessage, params: MessageParams, locale: string): string {
  const { count } = params
  const category = typeof count === 'number' ? plurals(locale).select(count) : 'other'
  return message[category] ?? message.other
}
