import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { installTheme } from '../../packages/widgets/src/theme/theme.ts'
import { launchBrowser } from '../../scripts/browser.ts'

const tokens = readFileSync(
  join(import.meta.dirname, '../../packages/widgets/src/theme/tokens.css'),
  'utf8',
)

let browser: Browser
beforeAll(async () => void (browser = await launchBrowser()))
afterAll(() => browser.close())
afterEach(() => void vi.unstubAllGlobals())

/** Returns the rule that the plugin adds to the page for a theme. */
function ruleOf(theme: string): string {
  let rule = ''
  vi.stubGlobal('document', { adoptedStyleSheets: [], querySelector() {} })
  class Sheet {
    replaceSync(text: string): void {
      rule = text
    }
  }
  vi.stubGlobal('CSSStyleSheet', Sheet)
  installTheme(theme)
  return rule
}

/** Returns the names of the widgets that are dark. */
async function darkWidgets(theme: string, html: string): Promise<string[]> {
  const page = await browser.newPage()
  const style = `@layer tidemark { ${tokens} } ${ruleOf(theme)}`
  await page.setContent(`<style>${style}</style>${html}`)
  const names = await page.locator('i').evaluateAll((widgets, selector) => {
    for (const widget of widgets) {
      widget.classList.add('tm')
      widget.setAttribute('data-tm-dark-in', selector)
    }
    const isDark = (widget: Element): boolean =>
      getComputedStyle(widget).getPropertyValue('--_tm-scheme').trim() === 'dark'
    return widgets.filter(isDark).map(({ id }) => id)
  }, theme)
  await page.close()
  return names
}

// Vuetify has the class on `<v-app>` and on every `<v-theme-provider>`.
describe.each([
  ['Vuetify', '.v-theme--dark', 'class="v-app v-theme--dark"', 'class="v-theme--light"'],
  ['Bootstrap', '[data-bs-theme="dark"]', 'data-bs-theme="dark"', 'data-bs-theme="light"'],
])('Theme selector of %s', (_, theme, dark, light) => {
  it('makes widgets dark on and inside its elements, except in a part with `data-tm-theme`', async () => {
    const html = `<div ${dark}><p><i id="inside"></i></p><p data-tm-theme="light"><i id="island"></i></p></div>
      <i id="on" ${dark}></i><div ${light}><i id="light"></i></div><i id="outside"></i>`
    expect(await darkWidgets(theme, html)).toEqual(['inside', 'on'])
  })
})
