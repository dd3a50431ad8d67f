// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { useFakePage } from '../testing/mount-app.ts'
import { onDemand } from './on-demand.ts'

useFakePage()

it('onDemand: requests a file again until it loads, without an error in the page', async () => {
  const Part = defineComponent({ render: () => h('p', 'loaded') })
  let attempts = 0
  const Later = onDemand(async () => {
    attempts += 1
    if (attempts < 3) throw new TypeError('Failed to fetch dynamically imported module')
    return { default: Part }
  })
  const wrapper = mount({ render: () => h('div', [h(Later)]) })
  await vi.advanceTimersByTimeAsync(999)
  expect([attempts, wrapper.text()]).toEqual([1, ''])
  await vi.advanceTimersByTimeAsync(1)
  expect(attempts).toBe(2)
  await vi.advanceTimersByTimeAsync(2000)
  expect([attempts, wrapper.text()]).toEqual([3, 'loaded'])
})
