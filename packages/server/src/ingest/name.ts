import { memoizeTexts } from './memoize-texts.ts'
import { toCleanText } from './text.ts'

/**
 * Returns the clean name of an event. Equal names are the same string object, so tables that count by name do not
 * compare characters.
 */
export const toCleanName: (name: string) => string = memoizeTexts(toCleanText, 200_000)
