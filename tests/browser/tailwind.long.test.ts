import tailwindcss from '@tailwindcss/vite'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser } from '../../scripts/browser.ts'
import {
  type HostPage,
  type PageServer,
  openHostPage,
  servePages,
  waitForData,
} from '../hosts/host-page.ts'
import { type Host, createHost } from '../hosts/host.ts'
import { type Site, startSite } from '../hosts/site.ts'

/*
 * The kit in an app with Tailwind: the order of the layers is
 * `@layer theme, base, tidemark, components, utilities;`, and `.dark` on `<html>` selects the dark theme.
 */

let host: Host
let site: Site
let browser: Browser
let server: PageServer
let tailwind: HostPage

beforeAll(async () => {
  ;[host, site, browser] = await Promise.all([createHost(), startSite(), launchBrowser()])
  const folder = await host.buildPages(['tailwind'], { plugins: [tailwindcss()] })
  server = await servePages(folder)
  tailwind = await openPage('tailwind')
})
afterAll(async () => {
  await browser.close()
  await server.close()
  await site.close()
  host.remove()
})

async function openPage(name: string): Promise<HostPage> {
  const url = `${server.url}/${name}.html?api=${encodeURIComponent(site.apiUrl)}`
  const hostPage = await openHostPage(browser, url)
  await waitForData(hostPage.page)
  return hostPage
}

/** Computed value of a property of a part of the page. */
const styleOf = (page: Page, part: string, property: string): Promise<string> =>
  page
    .locator(`[data-part="${part}"]`)
    .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property)

/** Switches `.dark` on `<html>`. */
const setDark = (page: Page, isDark: boolean): Promise<boolean> =>
  page.evaluate(force => document.documentElement.classList.toggle('dark', force), isDark)

it('Tailwind: utility classes on a widget win over the kit', async () => {
  const { page } = tailwind
  expect(await styleOf(page, 'utilities', 'padding')).toBe('0px')
  expect(await styleOf(page, 'utilities', 'border-radius')).toBe('0px')
  // Tailwind's own red-500.
  expect(await styleOf(page, 'utilities', 'background-color')).toMatch(/^oklch\(0\.637 0\.237 25/)
})

it('Tailwind: `.dark` switches the kit and its own variants together, without any message', async () => {
  const { page, messages } = tailwind
  const light = await styleOf(page, 'light-island', 'background-color')
  const readColors = (): Promise<string[]> =>
    Promise.all(['light-island', 'dark-part'].map(part => styleOf(page, part, 'background-color')))
  const dark = await styleOf(page, 'dark-part', 'background-color')
  expect(dark).not.toBe(light)
  const counter = page.locator('[data-widget="RealtimeCounter"]')
  const readCounter = (): Promise<string> =>
    counter.evaluate(element => getComputedStyle(element).backgroundColor)
  expect(await readCounter()).toBe(light)
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await readCounter()).toBe(light)

  await setDark(page, true)
  expect(await readCounter()).toBe(dark)
  expect(await readColors()).toEqual([light, dark])
  expect(await styleOf(page, 'utilities', 'background-color')).toMatch(/^oklch\(0\.623 0\.214/)

  await setDark(page, false)
  expect(await readCounter()).toBe(light)
  expect(messages).toEqual([])
})

/**
 * Runs in the page. Reads the look of every element of the widgets, removes the layer with Tailwind's reset, and reads
 * again, all at one moment. Two kinds of properties are left out, because nothing shows them: those of text inside a
 * drawing (the kit's SVG has no text), and the look of `.tm-hidden`, which is clipped to nothing.
 * @returns the number of elements, the number of removed rules, and a line per difference
 */
function compareWithoutReset(widgets: Element[]): [number, number, string[]] {
  const properties = [
    ...['display', 'padding', 'margin', 'border-width', 'color', 'background-color', 'opacity'],
    'list-style',
  ]
  const textProperties = ['font-family', 'font-size', 'font-weight', 'line-height']
  const propertiesOf = (element: Element): string[] => {
    if (element.classList.contains('tm-hidden')) return ['display', 'position', 'clip-path']
    return element instanceof SVGElement ? properties : [...properties, ...textProperties]
  }
  const elements = widgets
    .flatMap(widget => [widget, ...widget.querySelectorAll('*')])
    .filter(element => element.getClientRects().length > 0)
  const readLook = (element: Element): [string, string][] => {
    const { left, top, width, height } = element.getBoundingClientRect()
    const origin = element.closest('[data-widget]')?.getBoundingClientRect()
    const start = [left - (origin?.left ?? 0), top - (origin?.top ?? 0)]
    const style = getComputedStyle(element)
    const box = [...start, width, height].map(Math.round).join(' ')
    return [
      ...(element.classList.contains('tm-hidden') ? [] : [['box', box] as [string, string]]),
      ...propertiesOf(element).map((name): [string, string] => [
        name,
        style.getPropertyValue(name),
      ]),
    ]
  }
  const removeReset = (): number => {
    for (const sheet of document.styleSheets) {
      for (const [index, rule] of [...sheet.cssRules].entries()) {
        if (!(rule instanceof CSSLayerBlockRule) || rule.name !== 'base') continue
        const { length } = rule.cssRules
        sheet.deleteRule(index)
        return length
      }
    }
    return 0
  }

  // The reset also removes the margin of the page.
  document.body.style.margin = '0'
  const looks = elements.map(readLook)
  const removed = removeReset()
  const differences = elements.flatMap((element, index) => {
    const name = `${element.closest('[data-widget]')?.getAttribute('data-widget')} ${element.tagName}`
    const before = new Map(looks[index])
    return readLook(element)
      .filter(([property, value]) => before.get(property) !== value)
      .map(([property, value]) => {
        const change = `${value} → ${before.get(property)}`
        return `${name}.${element.getAttribute('class')}: ${property}: ${change}`
      })
  })
  return [elements.length, removed, differences]
}

it('Tailwind: its reset changes nothing in the widgets', async () => {
  const { page } = await openPage('tailwind')
  const widgets = page.locator('#app > [data-widget]')
  const [count, removed, differences] = await widgets.evaluateAll(compareWithoutReset)
  expect(count).toBeGreaterThan(50)
  expect(removed).toBeGreaterThan(10)
  expect(differences).toEqual([])
})
