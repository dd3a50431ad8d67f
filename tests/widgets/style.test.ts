// @vitest-environment happy-dom
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DetachedWindowAPI } from 'happy-dom'
import { expect, it } from 'vitest'

const folder = join(import.meta.dirname, '../../packages/widgets/src')
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

const style = read('style.css')
const parts = [...style.matchAll(/@import '\.\/(.+?)' layer\(tidemark\);/g)].map(
  ([, path = '']) => path,
)
const css = parts
  .map(read)
  .join('\n')
  .replaceAll(/\/\*.*?\*\//gs, '')

type Theme = 'light' | 'dark'

/** Returns the default color of each token in a theme. */
function colorsOf(theme: Theme): ReadonlyMap<string, string> {
  const token = new RegExp(
    `--_tm-([\\w-]+): var\\(--tm-[^;]*var\\(--_tm-${theme}, (#\\w{6})\\)`,
    'g',
  )
  return new Map([...css.matchAll(token)].map(([, a = '', b = '']) => [a, b]))
}

const colors: Record<Theme, ReadonlyMap<string, string>> = {
  light: colorsOf('light'),
  dark: colorsOf('dark'),
}

it('style: has a light and a dark value for each color', () => {
  expect([...colors.dark.keys()]).toEqual([...colors.light.keys()])
  expect(colors.dark.size).toBeGreaterThan(8)
})

it('style: puts every rule into the layer `tidemark`', () => {
  const rest = style.replaceAll(/@import '.+?' layer\(tidemark\);/g, '')
  expect(rest.trim()).toBe('@layer tidemark;')
})

it('style: reads public tokens and never sets them', () => {
  expect([...css.matchAll(/[{;]\s*(--tm-[\w-]+):/g)].map(match => match[1])).toEqual([])
})

/** Returns the relative luminance of WCAG 2.2. */
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
  'style: has the contrast of WCAG AA for %s on %s in both themes',
  (front, back) => {
    expect(contrast(front, back, 'light')).toBeGreaterThanOrEqual(4.5)
    expect(contrast(front, back, 'dark')).toBeGreaterThanOrEqual(4.5)
  },
)

it('style: imports every style sheet of the package', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(path => path.replaceAll('\\', '/'))
    .filter(path => path.endsWith('.css') && path !== 'style.css')
  expect(parts.toSorted()).toEqual(files.toSorted())
})

it('style: selects only classes of the widgets', () => {
  const selectors = [...css.matchAll(/(?:^|[{};])\s*([^{};@]+?)\s*\{/g)]
    .flatMap(match => (match[1] ?? '').split(/,(?![^(]*\))/))
    .map(selector => selector.trim())
    .filter(selector => !/^(from|to|\d+%)$/.test(selector))
  expect(selectors.length).toBeGreaterThan(50)
  for (const selector of selectors) {
    expect(selector).toMatch(/^(\.tm\b|:where\((:root|\[data-tm-theme=))/)
  }
})

it('style: uses only defined tokens', () => {
  const defined = new Set([...css.matchAll(/(--_tm-[\w-]+):/g)].map(match => match[1]))
  // RollingNumber sets the first two for each number and digit, TopListRow and TidemarkDashboard the others.
  for (const name of ['--_tm-digits', '--_tm-digit', '--_tm-fill', '--_tm-limit']) defined.add(name)
  const used = [...css.matchAll(/var\((--_tm-[\w-]+)/g)].map(match => match[1])
  expect(used.filter(name => !defined.has(name))).toEqual([])
})

it('style: uses logical properties, so that it mirrors in right-to-left pages', () => {
  expect(css.match(/\b(left|right|(margin|padding|border)-(left|right))\b/g)).toBeNull()
})

/** Classes with an animation or a transition. */
const animatedClasses = ['tm-skeleton', 'tm-row__fill', 'tm-slide-enter-active', 'tm-slide-move']

it('style: has no motion with prefers-reduced-motion', () => {
  const sheet = document.createElement('style')
  sheet.textContent = css
  document.head.append(sheet)
  /** Returns the animations and transitions of each class with a preference. */
  const motion = (prefersReducedMotion: 'no-preference' | 'reduce') => {
    const { happyDOM } = globalThis as unknown as { happyDOM: DetachedWindowAPI }
    happyDOM.settings.device.prefersReducedMotion = prefersReducedMotion
    document.body.innerHTML = `<div class="tm">${'<i></i>'.repeat(animatedClasses.length)}</div>`
    return [...document.querySelectorAll('i')].map((element, index) => {
      element.className = animatedClasses[index] ?? ''
      const { animation, transition } = getComputedStyle(element)
      return [animation, transition].filter(text => text !== '' && text !== 'none')
    })
  }
  // happy-dom ignores the order of rules, unlike browsers, so the order is checked here.
  expect(parts.at(-1)).toBe('theme/motion.css')
  // happy-dom has no styles of pseudo-elements, which draw the digits.
  for (const root of ["[data-tm-animate='off']", '.tm'])
    for (const part of ['before', 'after']) expect(css).toContain(`${root} *::${part}`)
  expect(motion('no-preference').filter(found => found.length === 0)).toEqual([])
  expect(motion('reduce').flat()).toEqual([])
})
