/** What an entry takes beside the characters of its text, in about as many characters. */
const entrySize = 200

/**
 * The same function, which does its work once for each text. Bounded by the characters of what it remembers, as
 * senders may make up texts: it forgets all when there are too many, and then those that are in use cost their
 * work once more. To find the one that was used longest ago, each use would have to be written down, and this is
 * asked for every event.
 */
export function memoizeTexts<Result>(
  work: (text: string) => Result,
  maxCharacters: number,
): (text: string) => Result {
  const known = new Map<string, Result>()
  let characters = 0

  return text => {
    const result = known.get(text)
    if (result !== undefined) return result
    if (known.has(text)) return result as Result
    const made = work(text)
    characters += text.length + entrySize
    if (characters > maxCharacters) {
      known.clear()
      characters = text.length + entrySize
    }
    known.set(text, made)
    return made
  }
}
