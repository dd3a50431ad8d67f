// @vitest-environment happy-dom
import { afterAll, expect, it, vi } from 'vitest'
import { createSSRApp, h, nextTick, shallowReactive } from 'vue'
import { renderToString } from 'vue/server-renderer'
import type { RangeSelection } from '../history/range-selection.ts'
import { mountApp, useFakePage } from '../testing/mount-app.ts'
import RangePicker from './RangePicker.vue'

vi.stubEnv('TZ', 'Europe/Berlin')
afterAll(() => void vi.unstubAllEnvs())

const now = Date.parse('2026-12-01T12:34:56+01:00')

useFakePage(now)

interface Props {
  modelValue?: RangeSelection
  compare?: boolean
  presets?: readonly RangeSelection[]
  min?: string
  max?: string
  locale?: string
}

/** Mounts a picker whose host applies its updates. */
async function mountPicker(initial: Props = {}) {
  const props = shallowReactive<Props>(initial)
  const updates: unknown[] = []
  const app = mountApp(() =>
    h(RangePicker, {
      ...props,
      'onUpdate:modelValue': (selection: RangeSelection | undefined) => {
        updates.push(selection)
        if (selection) props.modelValue = selection
      },
      'onUpdate:compare': (compare: boolean | undefined) => {
        updates.push(compare)
        if (compare !== undefined) props.compare = compare
      },
    }),
  )
  await nextTick()
  const { wrapper } = app
  const button = (label: string) => wrapper.find(`button[aria-label="${label}"]`)
  const trigger = wrapper.find('.tm-range__trigger')
  const options = () => wrapper.findAll('.tm-range__option')
  const option = (text: string) => {
    const found = options().find(each => each.text() === text)
    if (!found) throw new Error(`No option "${text}".`)
    return found
  }
  const open = async () => {
    await trigger.trigger('click')
    await vi.dynamicImportSettled()
    await nextTick()
  }
  const enter = async (first: string, last: string) => {
    const inputs = wrapper.findAll('input[type="date"]')
    await inputs[0]?.setValue(first)
    await inputs[1]?.setValue(last)
  }
  const triggerText = () => trigger.text().replaceAll(/[\u2009\u202f]/g, ' ')
  const problem = () => wrapper.find('.tm-range__problem').text()
  return {
    ...app,
    props,
    updates,
    button,
    trigger,
    triggerText,
    options,
    option,
    open,
    enter,
    problem,
  }
}

it('RangePicker: shows the selected range and its dates', async () => {
  const { props, triggerText } = await mountPicker({ modelValue: { last: '7d' } })
  expect(triggerText()).toBe('Last 7 daysNov 25 – Dec 1')
  props.modelValue = { last: '60m' }
  await nextTick()
  expect(triggerText()).toBe('Last hour')
  props.modelValue = { from: '2026-11-01', to: '2026-11-11' }
  await nextTick()
  expect(triggerText()).toBe('Nov 1 – 10')
})

it('RangePicker: works without a value of the host', async () => {
  const { option, open, triggerText } = await mountPicker()
  expect(triggerText()).toContain('Last 7 days')
  await open()
  await option('Today').trigger('click', { detail: 1 })
  expect(triggerText()).toBe('TodayDec 1')
})

it('RangePicker: offers the presets as radio buttons', async () => {
  const { open, options, wrapper } = await mountPicker({ modelValue: { last: '30d' } })
  expect(wrapper.find('[role="radiogroup"]').exists()).toBe(false)
  await open()
  expect(options().map(each => each.text())).toEqual([
    'Last hour',
    'Last 24 hours',
    'Today',
    'Yesterday',
    'Last 7 days',
    'Last 30 days',
    'Last 12 months',
    'Other dates',
  ])
  expect(document.activeElement).toBe(wrapper.find('input:checked').element)
  expect(wrapper.find('input:checked').element.parentElement?.textContent).toBe('Last 30 days')
})

it('RangePicker: offers the presets of the host, without invalid ones', async () => {
  const { open, options } = await mountPicker({
    presets: [{ last: '15m' }, { last: '0d' }, { last: '1mo' }],
  })
  await open()
  expect(options().map(each => each.text())).toEqual([
    'Last 15 minutes',
    'Last month',
    'Other dates',
  ])
})

it('RangePicker: a click selects a preset, closes and returns the focus', async () => {
  const { open, option, trigger, updates, wrapper } = await mountPicker()
  await open()
  expect(trigger.attributes('aria-expanded')).toBe('true')
  await option('Last 30 days').trigger('click', { detail: 1 })
  expect(updates).toEqual([{ last: '30d' }])
  expect(wrapper.find('.tm-range__panel').exists()).toBe(false)
  expect(document.activeElement).toBe(trigger.element)
})

it('RangePicker: arrow keys select without closing, Enter closes', async () => {
  const { open, option, updates, wrapper } = await mountPicker()
  await open()
  // Browsers check the next radio button, and send `click` and `change`.
  const radio = option('Last 30 days').find('input')
  await radio.trigger('click', { detail: 0 })
  await radio.trigger('change')
  expect(updates).toEqual([{ last: '30d' }])
  expect(wrapper.find('.tm-range__panel').exists()).toBe(true)
  await radio.trigger('keydown', { key: 'Enter' })
  expect(wrapper.find('.tm-range__panel').exists()).toBe(false)
})

it('RangePicker: Escape closes the list only, and not a dialog around it', async () => {
  const { open, trigger, wrapper } = await mountPicker()
  const onKey = vi.fn<() => void>()
  document.body.addEventListener('keydown', onKey)
  await open()
  await wrapper.find('input:checked').trigger('keydown', { key: 'Escape' })
  expect(wrapper.find('.tm-range__panel').exists()).toBe(false)
  expect(document.activeElement).toBe(trigger.element)
  expect(onKey).not.toHaveBeenCalled()
  await trigger.trigger('keydown', { key: 'Escape' })
  expect(onKey).toHaveBeenCalledTimes(1)
  document.body.removeEventListener('keydown', onKey)
})

it('RangePicker: closes when the focus or a pointer goes elsewhere', async () => {
  const { open, wrapper } = await mountPicker()
  const isOpen = () => wrapper.find('.tm-range__panel').exists()
  await open()
  await wrapper.find('input:checked').trigger('focusout', { relatedTarget: document.body })
  expect(isOpen()).toBe(false)
  await open()
  await wrapper.find('.tm-range__panel').trigger('pointerdown')
  expect(isOpen()).toBe(true)
  document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))
  await nextTick()
  expect(isOpen()).toBe(false)
})

it('RangePicker: applies entered dates, the last day included', async () => {
  const { enter, open, option, updates, wrapper } = await mountPicker()
  await open()
  await option('Other dates').find('input').setValue(true)
  const values = wrapper
    .findAll<HTMLInputElement>('input[type="date"]')
    .map(({ element }) => element.value)
  expect(values).toEqual(['2026-11-25', '2026-12-01'])
  await enter('2026-11-01', '2026-11-10')
  await wrapper.find('.tm-range__apply').trigger('click')
  expect(updates).toEqual([{ from: '2026-11-01', to: '2026-11-11' }])
  expect(wrapper.find('.tm-range__panel').exists()).toBe(false)
})

it('RangePicker: explains invalid dates in place, and does not apply them', async () => {
  const { enter, open, option, problem, updates, wrapper } = await mountPicker({
    min: '2026-01-15',
  })
  await open()
  await option('Other dates').find('input').setValue(true)
  expect(problem()).toBe('')
  await enter('2026-11-10', '2026-11-01')
  expect(problem()).toBe('The first day is after the last day.')
  expect(wrapper.findAll('input[aria-invalid="true"]').length).toBe(2)
  await enter('2026-01-01', '2026-02-01')
  expect(problem()).toBe('Choose Jan 15, 2026 or a later day.')
  await enter('2026-11-10', '2026-12-24')
  expect(problem()).toBe('Choose Dec 1, 2026 or an earlier day.')
  await enter('2026-11-10', '')
  expect(problem()).toBe('')
  await wrapper.find('.tm-range__dates').trigger('keydown', { key: 'Enter' })
  expect(problem()).toBe('Choose a first and a last day.')
  expect(updates).toEqual([])
})

it('RangePicker: announces the stepped range in the language of the page', async () => {
  const { button, props, wrapper } = await mountPicker({ locale: 'en' })
  const status = () => wrapper.find('[role="status"]').text()
  expect(status()).toBe('')
  await button('Previous period').trigger('click')
  expect(status()).toContain('Nov')
  props.locale = 'nl'
  await nextTick()
  expect(status()).toContain('nov')
})

it('RangePicker: steps back and forward by the length of the range', async () => {
  const { button, updates, triggerText, wrapper } = await mountPicker()
  expect(button('Next period').attributes('aria-disabled')).toBe('true')
  await button('Next period').trigger('click')
  await button('Previous period').trigger('click')
  await nextTick()
  expect(triggerText()).toBe('Nov 18 – 24')
  const status = wrapper.find('[role="status"]').text()
  expect(status.replaceAll(/[\u2009\u202f]/g, ' ')).toBe('Nov 18 – 24')
  await button('Next period').trigger('click')
  expect(updates).toEqual([{ from: '2026-11-18', to: '2026-11-25' }, { last: '7d' }])
})

it('RangePicker: does not step before `min` or after `max`', async () => {
  const { button } = await mountPicker({
    modelValue: { from: '2026-11-01', to: '2026-11-11' },
    min: '2026-11-01',
    max: '2026-11-10',
  })
  expect(button('Previous period').attributes('aria-disabled')).toBe('true')
  expect(button('Next period').attributes('aria-disabled')).toBe('true')
})

it('RangePicker: shows the comparison switch with `compare`, and emits its changes', async () => {
  const { props, updates, wrapper } = await mountPicker({ compare: false })
  const checkbox = wrapper.find<HTMLInputElement>('input[type="checkbox"]')
  await checkbox.setValue(true)
  expect(updates).toEqual([true])
  expect(props.compare).toBe(true)
  const other = await mountPicker()
  expect(other.wrapper.find('input[type="checkbox"]').exists()).toBe(false)
})

it('RangePicker: an invalid value of the host is no error', async () => {
  const modelValue = { last: 'soon' } as unknown as RangeSelection
  const { button, open, option, triggerText, updates } = await mountPicker({ modelValue })
  expect(triggerText()).toBe('Other dates')
  await button('Previous period').trigger('click')
  await open()
  await option('Today').trigger('click', { detail: 1 })
  expect(updates).toEqual([{ day: 'today' }])
})

it('RangePicker: formats dates for the locale', async () => {
  const { triggerText } = await mountPicker({ locale: 'nl_NL' })
  expect(triggerText()).toContain('25 nov – 1 dec')
})

it('RangePicker: moves with time', async () => {
  const { triggerText } = await mountPicker({ modelValue: { day: 'today' } })
  vi.setSystemTime(now + 12 * 3_600_000)
  await vi.advanceTimersByTimeAsync(1000)
  expect(triggerText()).toBe('TodayDec 2')
})

it('RangePicker: renders without dates on a server, and hydrates', async () => {
  const render = () => h(RangePicker, { modelValue: { last: '7d' }, compare: true })
  const html = await renderToString(createSSRApp({ render }))
  expect(html).toContain('Last 7 days')
  expect(html).not.toContain('Nov')
  const root = document.createElement('div')
  root.innerHTML = html
  const app = createSSRApp({ render })
  // A hydration mismatch logs a warning, which fails the test.
  app.mount(root)
  await nextTick()
  expect(root.textContent).toContain('Nov 25')
  app.unmount()
})
