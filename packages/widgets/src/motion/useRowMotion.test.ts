// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, shallowRef, useTemplateRef } from 'vue'
import { useRowMotion } from './useRowMotion.ts'

/** Animated elements with their keyframes. */
let animations: { text: string; keyframes: unknown }[] = []

beforeEach(() => {
  animations = []
  vi.stubGlobal('matchMedia', () => ({ matches: false }))
  Element.prototype.animate = function (this: Element, keyframes) {
    animations.push({ text: this.textContent ?? '', keyframes })
    return {} as Animation
  }
})
afterEach(() => void vi.unstubAllGlobals())

const glide = (rowCount: number): unknown => ({
  transform: [`translateY(calc(${rowCount} * (100% + var(--_tm-row-gap, 0px))))`, 'none'],
})
const slideIn = { opacity: [0, 1], transform: ['translateY(-0.5em)', 'none'] }

/** Shows rows in a list, and returns a function that shows other rows. */
function mountList(first: string[] | undefined, isEnabled = true) {
  const rows = shallowRef(first)
  const List = defineComponent(() => {
    const list = useTemplateRef<HTMLElement>('list')
    useRowMotion(
      list,
      () => rows.value,
      () => isEnabled,
    )
    return () =>
      rows.value &&
      h(
        'ol',
        { ref: 'list' },
        rows.value.map(key => h('li', { key }, key)),
      )
  })
  mount(List)
  return async (next: string[] | undefined): Promise<void> => {
    rows.value = next
    await nextTick()
  }
}

it('useRowMotion: glides moved rows and slides new rows in', async () => {
  const show = mountList(['a', 'b', 'c'])
  await show(['d', 'c', 'a', 'b'])
  expect(animations).toEqual([
    { text: 'd', keyframes: slideIn },
    { text: 'c', keyframes: glide(1) },
    { text: 'a', keyframes: glide(-2) },
    { text: 'b', keyframes: glide(-2) },
  ])
})

it('useRowMotion: animates nothing when rows stay at their places', async () => {
  const show = mountList(['a', 'b'])
  await show(['a', 'b'])
  await show(['a'])
  expect(animations).toEqual([])
})

it('useRowMotion: animates nothing for the first rows, and after the list was away', async () => {
  const show = mountList(undefined)
  await show(['a', 'b'])
  await show(undefined)
  await show(['b', 'a'])
  expect(animations).toEqual([])
})

it('useRowMotion: animates nothing for a burst of new rows', async () => {
  const show = mountList(['a'])
  await show(['b', 'c', 'd', 'e', 'a'])
  expect(animations).toEqual([])
})

it('useRowMotion: animates nothing when it is not enabled', async () => {
  const show = mountList(['a', 'b'], false)
  await show(['b', 'a'])
  expect(animations).toEqual([])
})

it('useRowMotion: animates nothing for readers who prefer reduced motion', async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
  const show = mountList(['a', 'b'])
  await show(['b', 'a'])
  expect(animations).toEqual([])
})
