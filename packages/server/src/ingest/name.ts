import { memoizeTexts } from './memoize-texts.ts'
import { toCleanText } from './text.ts'

/**
 * The name of an event as it is stored and shown. Events of one name have the very same string, so that the
 * tables that count by name need not compare its characters.
 */
export const toCleanName: (name: string) => string = memoizeTexts(toCleanText, 200_000)
