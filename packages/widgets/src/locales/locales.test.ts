import { describe, expect, it } from 'vitest'
import type { Message } from '../messages/message.ts'
import { ar } from './ar.ts'
import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { ja } from './ja.ts'

type Texts = Readonly<Record<string, Message>>

/** Sections of a language as plain records. */
function sectionsOf(messages: object): Map<string, Texts> {
  const sections = Object.entries(messages).filter(([, texts]) => typeof texts === 'object')
  return new Map(sections as [string, Texts][])
}

const english = [...sectionsOf(en)].flatMap(([section, texts]) =>
  Object.entries(texts).map(([key, message]) => ({ path: `${section}.${key}`, message })),
)

const placeholdersOf = (text: string): string[] => text.match(/\{\w+\}/g) ?? []

const allPlaceholdersOf = (message: Message): Set<string> =>
  new Set(Object.values(typeof message === 'string' ? [message] : message).flatMap(placeholdersOf))

describe.each([ar, de, es, fr, ja])('Texts in $locale', language => {
  const { locale } = language
  const texts = new Map<string, Message>(
    [...sectionsOf(language)].flatMap(([section, messages]) =>
      Object.entries(messages).map(([key, message]): [string, Message] => [
        `${section}.${key}`,
        message,
      ]),
    ),
  )

  it('have the keys of the English texts', () => {
    expect([...texts.keys()].toSorted()).toEqual(english.map(({ path }) => path).toSorted())
  })

  it('have the placeholders of the English texts', () => {
    for (const { path, message } of english) {
      const translated = texts.get(path) ?? ''
      const complete = typeof translated === 'string' ? translated : translated.other
      expect(new Set(placeholdersOf(complete)), path).toEqual(allPlaceholdersOf(message))
      for (const name of allPlaceholdersOf(translated)) {
        expect(allPlaceholdersOf(message), path).toContain(name)
      }
    }
  })

  it('have the plural forms of the language', () => {
    const categories = new Intl.PluralRules(locale).resolvedOptions().pluralCategories
    for (const { path, message } of english) {
      const translated = texts.get(path) ?? ''
      expect(typeof translated, path).toBe(typeof message)
      if (typeof translated === 'string') continue
      expect(Object.keys(translated).toSorted(), path).toEqual([...categories].toSorted())
    }
  })

  it('have no text that is empty or has spaces around it', () => {
    for (const [path, message] of texts) {
      for (const text of typeof message === 'string' ? [message] : Object.values(message)) {
        expect(text, path).toMatch(/^\S.*\S$|^\S$/s)
      }
    }
  })
})

it('Texts in French: have a space that does not break before a colon', () => {
  for (const { path } of english) {
    const [section = '', key = ''] = path.split('.')
    const text = JSON.stringify(sectionsOf(fr).get(section)?.[key])
    // The colons of JSON follow a quotation mark.
    expect(text.replaceAll('":"', ''), path).not.toMatch(/[^\u00a0]:/)
  }
})
