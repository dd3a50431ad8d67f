import type { LiveError } from '@tidemark/sdk/live'
import { errorTexts } from '../messages/en/errors.ts'
import { useTexts } from '../settings/useTexts.ts'

/** Returns the text that a widget shows for an error, by its code. */
export function useErrorText(): (error: Pick<LiveError, 'code'>) => string {
  const t = useTexts('errors', errorTexts)
  return ({ code }) => (hasText(code) ? t(code) : t('other', { code }))
}

function hasText(code: string): code is keyof typeof errorTexts {
  return Object.hasOwn(errorTexts, code)
}
