// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import { h, nextTick } from 'vue'
import { mountApp, useFakePage } from '../testing/mount-app.ts'
import TopList from './TopList.vue'

useFakePage()

const pages = [{ path: '/', visitors: 30 }]
const PageList = TopList<(typeof pages)[number]>
const source = { title: 'Pages', labelKey: 'path', valueKey: 'visitors' } as const

it('TopList: makes a cut label a button that shows all of it', async () => {
  const resized: (() => void)[] = []
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(callback: (entries: { target: Element }[]) => void) {
        resized.push(() =>
          callback([...document.querySelectorAll('.tm-row__name')].map(target => ({ target }))),
        )
      }
      observe(): void {}
      unobserve(): void {}
    },
  )
  const app = mountApp(() => h(PageList, { ...source, items: pages.slice(0, 1) }))
  await nextTick()
  Object.defineProperty(app.wrapper.find('.tm-row__name').element, 'scrollWidth', { value: 90 })
  resized.forEach(callback => callback())
  await nextTick()
  const button = app.wrapper.find('li button')
  expect(button.attributes('aria-expanded')).toBe('false')
  await button.trigger('click')
  expect(button.attributes('aria-expanded')).toBe('true')
  expect(app.wrapper.find('li').attributes()).toHaveProperty('data-tm-open')
})
