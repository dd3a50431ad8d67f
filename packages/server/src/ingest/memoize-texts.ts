/** Approximate memory of an entry besides its text, in characters. */
const entryCharacters = 200

/**
 * Memoizes a function of a text. The cache is bounded by its number of characters, because senders choose the texts. A
 * full cache is cleared: an LRU cache would have to record every use, which is too slow for a lookup per event.
 */
export function memoizeTexts<Result>(
  work: (text: string) => Result,
  maxCharacters: number,
): (text: string) => Result {
  const cache = new Map<string, Result>()
  let characters = 0

  return text => {
    const result = cache.get(text)
    if (result !== undefined) return result
    if (cache.has(text)) return result as Result
    const computed = work(text)
    characters += text.length + entryCharacters
    if (characters > maxCharacters) {
      cache.clear()
      characters = text.length + entryCharacters
    }
    cache.set(text, computed)
    return computed
  }
}
