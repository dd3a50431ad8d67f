// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import Sparkline from './Sparkline.vue'

it('Sparkline: is a picture with a label for screen readers', () => {
  const wrapper = mount(Sparkline, { props: { values: [1, undefined, 3, 4], label: 'Last hour' } })
  expect(wrapper.attributes()).toMatchObject({ role: 'img', 'aria-label': 'Last hour' })
  expect(wrapper.attributes('aria-hidden')).toBeUndefined()
  expect(wrapper.findAll('path').length).toBe(2)
})

it('Sparkline: is hidden from screen readers without a label', () => {
  const wrapper = mount(Sparkline, { props: { values: [] } })
  expect(wrapper.attributes('aria-hidden')).toBe('true')
  expect(wrapper.attributes('role')).toBeUndefined()
  expect(wrapper.findAll('path').length).toBe(0)
})

it('Sparkline: follows its values', async () => {
  const wrapper = mount(Sparkline, { props: { values: [1, 2] } })
  const before = wrapper.html()
  await wrapper.setProps({ values: [2, 1] })
  expect(wrapper.html()).not.toBe(before)
})
