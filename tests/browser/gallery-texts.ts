import type { CompleteMessages, Message, Messages } from '@tidemark/widgets'
import type { Page } from 'playwright-core'

/** Returns the texts of all widgets, also those that only screen readers read. Explanations are opened first. */
export async function readTexts(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const roots = [...document.querySelectorAll('.gallery__item > .tm:not(.gallery__caption)')]
    const texts = new Set<string>()
    const attributes = ['aria-label', 'aria-description', 'aria-valuetext', 'title', 'placeholder']
    const read = (root: Element): void => {
      const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
      while (nodes.nextNode()) texts.add(nodes.currentNode.textContent?.trim() ?? '')
      for (const element of [root, ...root.querySelectorAll('*')]) {
        for (const name of attributes) texts.add(element.getAttribute(name) ?? '')
      }
    }
    for (const root of roots) {
      read(root)
      for (const button of root.querySelectorAll<HTMLElement>('[aria-expanded="false"]')) {
        button.click()
        await new Promise(requestAnimationFrame)
        read(root)
      }
    }
    return [...texts].filter(Boolean)
  })
}

/** Returns the texts that contain an untranslated English message. */
export function findEnglishTexts(
  texts: readonly string[],
  english: CompleteMessages,
  translation: Messages,
): string[] {
  const translated = new Set(formsOf(translation))
  const patterns = [...new Set(formsOf(english))]
    .filter(form => !translated.has(form) && /[a-z]{2}/i.test(form.replaceAll(/\{\w+\}/g, '')))
    .map(toPattern)
  return texts.flatMap(text => {
    const pattern = patterns.find(each => each.test(text))
    return pattern ? [`${text} (${pattern})`] : []
  })
}

/** All texts of a language, each plural form alone. */
function formsOf(messages: object): string[] {
  return Object.values(messages)
    .filter((section): section is Readonly<Record<string, Message>> => typeof section === 'object')
    .flatMap(section => Object.values(section))
    .flatMap(message => (typeof message === 'string' ? [message] : Object.values(message)))
}

/** Shorter messages, such as `up`, also occur in names of goals. */
const minWordLength = 4

/**
 * Matches a message anywhere between other words, with any values in its placeholders; a very short message only as the
 * whole text.
 */
function toPattern(message: string): RegExp {
  const parts = message
    .split(/\{\w+\}/)
    .map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  if (message.length < minWordLength) return new RegExp(`^${parts.join('.*')}$`, 's')
  return new RegExp(`(?<![\\p{L}_/])${parts.join('.*')}(?![\\p{L}_/])`, 'su')
}
