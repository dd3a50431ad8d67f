import { memoizeTexts } from './memoize-texts.ts'

/** Characters of tags in the cache. */
const maxCachedCharacters = 200_000
/** Characters of a header that are read. The preferred language comes first. */
const maxHeaderLength = 200

const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })

/**
 * Returns the language of a BCP 47 tag without script and region, such as `de` of `de-AT`. Old codes are replaced: `iw`
 * is `he`. Returns `undefined` for an unknown language.
 */
export const toBaseLanguage: (tag: string) => string | undefined = memoizeTexts(tag => {
  try {
    const { language } = new Intl.Locale(tag)
    return names.of(language) === undefined ? undefined : language
  } catch {
    return undefined
  }
}, maxCachedCharacters)

/** Returns the preferred known language of an `Accept-Language` header (RFC 9110, section 12.5.4). */
export const toPreferredLanguage: (header: string) => string | undefined = memoizeTexts(header => {
  const ranges = header
    .slice(0, maxHeaderLength)
    .split(',')
    .map(range => {
      const [tag = '', ...parameters] = range.split(';').map(part => part.trim())
      const weight = parameters.find(parameter => /^q=/i.test(parameter))
      return { tag, weight: weight === undefined ? 1 : Number(weight.slice(2)) }
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
  for (const { tag } of ranges) {
    const language = toBaseLanguage(tag)
    if (language !== undefined) return language
  }
  return undefined
}, maxCachedCharacters)
