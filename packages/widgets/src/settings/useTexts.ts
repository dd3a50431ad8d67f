import { type Message, type MessageParams, formatMessage } from '../messages/message.ts'
import type { MessageSections } from '../messages/messages.ts'
import { defaultLocale } from '../text/locale.ts'
import { useSettings } from './useSettings.ts'

/** Returns the text of a key in the widget's language; reactive in a render function or `computed`. */
export type Translate<Key extends string> = (key: Key, params?: MessageParams) => string

/**
 * Returns the texts of one section, for a component. The English texts are passed in, so that an app
 * bundles only those of the components that it uses. A component with a `locale` prop calls
 * `useSettings(props)` first.
 */
export function useTexts<Key extends string>(
  section: keyof MessageSections,
  english: Readonly<Record<Key, Message>>,
): Translate<Key> {
  const { locale, messages } = useSettings()
  return (key, params = {}) => {
    const translated: Readonly<Partial<Record<string, Message>>> = messages.value?.[section] ?? {}
    const message = translated[key]
    return message === undefined
      ? formatMessage(english[key], params, defaultLocale)
      : formatMessage(message, params, locale.value)
  }
}
