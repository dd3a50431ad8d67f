// @vitest-environment happy-dom
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DetachedWindowAPI } from 'happy-dom'
import { expect, it } from 'vitest'

const folder = join(import.meta.dirname, '../../packages/widgets/src')
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

const style = read('style.css')
const parts = [...style.matchAll(/@import '\.\/(.+?)';/g)].map(([, path = '']) => path)
const css = parts
  .map(read)
  .join('\n')
  .replaceAll(/\/\*.*?\*\//gs, '')

type Theme = 'light' | 'dark'

/** The colors of the block with this selector, by name. */
function colorsOf(selector: string): ReadonlyMap<string, string> {
  const [, block = ''] = css.split(`${selector} {`)
  const [body = ''] = block.split('}')
  return new Map(
    [...body.matchAll(/--tm-([\w-]+): (#\w{6});/g)].map(([, a = '', b = '']) => [a, b]),
  )
}

const colors: Record<Theme, ReadonlyMap<string, string>> = {
  light: colorsOf(":where(:root, [data-tm-theme='light'])"),
  dark: colorsOf(":where([data-tm-theme='dark'])"),
}

it('has the same dark colors for a system that is dark as for a page that says so', () => {
  expect(colorsOf(":where(:root:not([data-tm-theme='light']))")).toEqual(colors.dark)
  expect([...colors.dark.keys()]).toEqual([...colors.light.keys()])
  expect(colors.dark.size).toBeGreaterThan(8)
})

/** Relative luminance by WCAG 2.2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(start => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(front: string, back: string, theme: Theme): number {
  const [a, b] = [front, back].map(name => luminance(colors[theme].get(name) ?? ''))
  if (a === undefined || b === undefined) return Number.NaN
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

const backs = ['surface', 'hover', 'bar']
const texts = ['text', 'text-quiet'].flatMap(front => backs.map(back => [front, back] as const))
const states = ['good', 'warn', 'bad', 'accent'].map(front => [front, 'surface'] as const)

it.each([...texts, ...states])(
  'has the contrast of WCAG AA for %s on %s in both themes',
  (front, back) => {
    expect(contrast(front, back, 'light')).toBeGreaterThanOrEqual(4.5)
    expect(contrast(front, back, 'dark')).toBeGreaterThanOrEqual(4.5)
  },
)

it('puts every style sheet into the one that a page imports', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(path => path.replaceAll('\\', '/'))
    .filter(path => path.endsWith('.css') && path !== 'style.css')
  expect(parts.toSorted()).toEqual(files.toSorted())
})

it('styles nothing but what is ours', () => {
  const selectors = [...css.matchAll(/(?:^|[{};])\s*([^{};@]+?)\s*\{/g)]
    .flatMap(match => (match[1] ?? '').split(/,(?![^(]*\))/))
    .map(selector => selector.trim())
    .filter(selector => !/^(from|to|\d+%)$/.test(selector))
  expect(selectors.length).toBeGreaterThan(50)
  for (const selector of selectors) {
    expect(selector).toMatch(/^(\.tm\b|:where\((:root|\[data-tm-theme=))/)
  }
})

it('uses only tokens that there are', () => {
  const defined = new Set([...css.matchAll(/(--tm-[\w-]+):/g)].map(match => match[1]))
  // Set by the components, digit by digit.
  defined.add('--tm-digit')
  const used = [...css.matchAll(/var\((--tm-[\w-]+)/g)].map(match => match[1])
  expect(used.filter(name => !defined.has(name))).toEqual([])
})

it('names directions by the flow of the text, so that it mirrors where that is mirrored', () => {
  expect(css.match(/\b(left|right|(margin|padding|border)-(left|right))\b/g)).toBeNull()
})

/** All that moves. */
const moving = [
  'tm-rolling__strip',
  'tm-skeleton',
  'tm-state-icon__ping',
  'tm-row__bar',
  'tm-slide-enter-active',
  'tm-slide-move',
]

it('holds still for whoever asked for less motion', () => {
  const sheet = document.createElement('style')
  sheet.textContent = css
  document.head.append(sheet)
  /** How things move in a page whose reader has this preference. */
  const motion = (prefersReducedMotion: 'no-preference' | 'reduce') => {
    const { happyDOM } = globalThis as unknown as { happyDOM: DetachedWindowAPI }
    happyDOM.settings.device.prefersReducedMotion = prefersReducedMotion
    document.body.innerHTML = `<div class="tm">${'<i></i>'.repeat(moving.length)}</div>`
    return [...document.querySelectorAll('i')].map((element, index) => {
      element.className = moving[index] ?? ''
      const { animation, transition } = getComputedStyle(element)
      return [animation, transition].filter(text => text !== '' && text !== 'none')
    })
  }
  // happy-dom does not weigh rules by their order, as browsers do; so it is looked at here.
  expect(parts.at(-1)).toBe('theme/motion.css')
  expect(motion('no-preference').filter(found => found.length === 0)).toEqual([])
  expect(motion('reduce').flat()).toEqual([])
})
