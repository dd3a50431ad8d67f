/**
 * Color theme: `'light'`, `'dark'`, `'auto'` for the system's preference, or the CSS selector of an element
 * whose widgets are dark, such as `'.dark'`. `data-tm-theme` on an element takes precedence inside it.
 */
export type Theme = 'light' | 'dark' | 'auto' | (string & {})

const namedThemes: readonly string[] = ['light', 'dark', 'auto']

/** @throws {TypeError} for text that is neither the name of a theme nor a CSS selector */
export function checkTheme(theme: Theme): void {
  if (namedThemes.includes(theme)) return
  const isSelector = /[.#[:]/.test(theme) && isValidSelector(theme)
  if (isSelector) return
  throw new TypeError(
    `theme: '${theme}' is not a theme; use 'light', 'dark', 'auto' or a selector such as '.dark'.`,
  )
}

function isValidSelector(selector: string): boolean {
  if (typeof document === 'undefined') return true
  try {
    document.querySelector(selector)
    return true
  } catch {
    return false
  }
}

/** Attributes of a widget's root element that select its theme. */
export function themeAttributes(theme: Theme): Record<string, string | undefined> {
  if (namedThemes.includes(theme)) return { 'data-tm-app-theme': theme }
  return { 'data-tm-dark-in': theme }
}

const installed = new WeakMap<Document, Set<string>>()

/** Adds the style rule for a theme that is a selector, once for each document and selector. */
export function installTheme(theme: Theme): void {
  if (namedThemes.includes(theme)) return
  const selectors = installed.get(document) ?? new Set()
  installed.set(document, selectors)
  if (selectors.has(theme)) return
  selectors.add(theme)
  // A constructed style sheet, because a strict Content Security Policy refuses `<style>` elements.
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(darkRule(theme))
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
}

/** Must equal the dark rule of `tokens.css`. */
function darkRule(selector: string): string {
  const inside = `:where(:is(${selector}), :is(${selector}) *):where(:not([data-tm-theme], [data-tm-theme] *))`
  return `@layer tidemark { .tm[data-tm-dark-in=${JSON.stringify(selector)}]${inside} {
    --_tm-light: ; --_tm-dark: initial; --_tm-scheme: dark } }`
}
