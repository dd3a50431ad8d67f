// @vitest-environment happy-dom
import type { FeedEntry } from '@tidemark/protocol'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h, nextTick, shallowRef } from 'vue'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import ActivityTable from './ActivityTable.vue'
import type { ActivityColumn, ActivityColumnKey, ActivitySort } from './columns.ts'

const config = { baseUrl: '/api', siteId: 'shop' }
const now = Date.UTC(2026, 10, 22, 12)

useFakePage(now)

// happy-dom lays nothing out. The visible part is ten rows high.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(320)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(800)
  vi.spyOn(HTMLElement.prototype, 'scrollHeight', 'get').mockImplementation(contentHeight)
  Element.prototype.scrollTo = function (this: Element, options?: ScrollToOptions | number) {
    if (typeof options === 'object') this.scrollTop = options.top ?? 0
  }
})
afterEach(() => void vi.restoreAllMocks())

function contentHeight(this: HTMLElement): number {
  return Number.parseFloat(
    this.querySelector<HTMLElement>('.tm-table__content')?.style.blockSize ?? '0',
  )
}

function entry(id: number, rest: Partial<FeedEntry> = {}): FeedEntry {
  return {
    id: `${id}-0`,
    type: 'pageview',
    name: 'page_view',
    path: `/${id}`,
    timestamp: now + id,
    ...rest,
  }
}
const upTo = (last: number, count = last) =>
  Array.from({ length: count }, (_, index) => entry(last - index))

const FeedTable = ActivityTable<FeedEntry>

interface TableProps {
  columns?: (ActivityColumnKey | ActivityColumn<FeedEntry>)[]
  filterable?: boolean
  height?: string
  maxRows?: number
  paused?: boolean
  sort?: ActivitySort
  status?: 'disconnected'
  title?: string
  onError?: (error: object) => void
  'onRow-click'?: (row: FeedEntry, event: Event) => void
  onUpdate?: (rows: readonly FeedEntry[]) => void
}

async function mountTable(
  first: FeedEntry[] | undefined,
  props: TableProps = {},
  slots: Record<string, unknown> = {},
) {
  const items = shallowRef(first)
  const app = mountApp(() => h(FeedTable, { config, items: items.value, ...props }, slots))
  await nextFrame()
  return { ...readTable(app), items }
}

/** Mounts a table of the live feed. */
async function mountLive(first: FeedEntry[] | undefined, props: TableProps = {}) {
  const app = mountApp(() => h(FeedTable, { config, ...props }))
  await nextTick()
  const receive = async (recentEvents: FeedEntry[]) => {
    app.clients.last.receive({ recentEvents })
    await nextFrame()
  }
  if (first) await receive(first)
  return { ...readTable(app), receive }
}

function readTable(app: ReturnType<typeof mountApp>) {
  const { wrapper } = app
  const scroller = () => wrapper.find<HTMLElement>('.tm-table__scroller')
  return {
    ...app,
    scroller,
    column: (key: string) =>
      wrapper.findAll(`[data-tm-index] [data-tm-column="${key}"]`).map(cell => cell.text()),
    texts: (selector: string) => wrapper.findAll(selector).map(found => found.text()),
    scrollTo: async (top: number) => {
      scroller().element.scrollTop = top
      await scroller().trigger('scroll')
      await nextFrame()
    },
  }
}

it('ActivityTable: shows items with the known columns, newest first', async () => {
  const { column, texts } = await mountTable([
    entry(1, { title: 'One', country: 'DE', device: 'mobile' }),
    entry(2, { type: 'goal', goal: 'Bought', device: 'other' }),
  ])
  expect(texts('[role=columnheader]')).toEqual([
    'Time',
    'Type',
    'Page or name',
    'Title',
    'Country',
    'Device',
  ])
  expect(column('name')).toEqual(['Bought', '/1'])
  expect(column('type')).toEqual(['Goal', 'Page view'])
  expect(column('title')).toEqual(['', 'One'])
  expect(column('country')).toEqual(['', 'Germany'])
  expect(column('device')).toEqual(['Other device', 'Mobile'])
  expect(column('time')[0]).toMatch(/^11\/22\/26, /)
})

it('ActivityTable: draws only the rows in sight, and tells screen readers their places', async () => {
  const { column, scroller, scrollTo, wrapper } = await mountTable(upTo(10_000))
  expect(column('name').length).toBeLessThan(30)
  expect(scroller().attributes()).toMatchObject({ role: 'table', 'aria-rowcount': '10001' })
  const first = () => wrapper.find('[data-tm-index]').attributes('aria-rowindex')
  expect(first()).toBe('2')
  await scrollTo(160_000)
  expect(Number(first())).toBeGreaterThan(4900)
  expect(column('name').length).toBeLessThan(30)
  expect(wrapper.findAll('[role=row]').length).toBe(column('name').length + 1)
})

it('ActivityTable: accumulates the feed up to `max-rows`, and through a new log', async () => {
  const { column, receive } = await mountLive(upTo(3), { maxRows: 5 })
  await receive(upTo(6, 2))
  expect(column('name')).toEqual(['/6', '/5', '/3', '/2', '/1'])
  await receive([entry(1, { path: '/restarted', timestamp: now + 100 })])
  expect(column('name')).toEqual(['/restarted', '/6', '/5', '/3', '/2'])
})

it('ActivityTable: sorts by a column, and back', async () => {
  const { column, wrapper } = await mountTable([
    entry(1, { path: '/b' }),
    entry(2, { path: '/a' }),
    entry(3, { path: '/c' }),
  ])
  const header = wrapper.find('[role=columnheader][data-tm-column=name]')
  expect(header.attributes('aria-sort')).toBe('none')
  await header.find('button').trigger('click')
  expect([column('name'), header.attributes('aria-sort')]).toEqual([
    ['/a', '/b', '/c'],
    'ascending',
  ])
  await header.find('button').trigger('click')
  expect([column('name'), header.attributes('aria-sort')]).toEqual([
    ['/c', '/b', '/a'],
    'descending',
  ])
})

it('ActivityTable: sorts by the `sort` model', async () => {
  const { column } = await mountTable(upTo(3), { sort: { key: 'time' } })
  expect(column('name')).toEqual(['/1', '/2', '/3'])
})

it('ActivityTable: shows columns of the host, formatted, sorted by number', async () => {
  const Orders = ActivityTable<{ city: string; total: number }>
  const items = [
    { city: 'Rome', total: 9 },
    { city: 'Oslo', total: 10 },
  ]
  const app = mountApp(() =>
    h(Orders, {
      items,
      sort: { key: 'total', descending: true },
      columns: [
        { key: 'city', label: 'City', sortable: false, width: '5em' },
        { key: 'total', format: value => `${String(value)} €` },
      ],
    }),
  )
  await nextFrame()
  const { column, texts } = readTable(app)
  expect(texts('[role=columnheader]')).toEqual(['City', 'total'])
  expect(texts('[role=columnheader] button')).toEqual(['total'])
  expect(column('city')).toEqual(['Oslo', 'Rome'])
  expect(column('total')).toEqual(['10 €', '9 €'])
  expect(app.wrapper.find('select').exists()).toBe(false)
})

it('ActivityTable: filters by text and by type', async () => {
  const { column, texts, wrapper } = await mountTable([
    entry(1, { path: '/pricing' }),
    entry(2, { type: 'goal', goal: 'Pricing seen' }),
    entry(3),
  ])
  await wrapper.find('input').setValue(' PRICING')
  expect(column('name')).toEqual(['Pricing seen', '/pricing'])
  await wrapper.find('select').setValue('goal')
  expect(column('name')).toEqual(['Pricing seen'])
  await wrapper.find('select').setValue('download')
  expect(texts('.tm-empty')).toEqual(['Nothing matches.'])
})

it('ActivityTable: has no filters with `filterable` off', async () => {
  const { wrapper } = await mountTable(upTo(1), { filterable: false })
  expect(wrapper.find('input, select').exists()).toBe(false)
})

it('ActivityTable: holds new rows back while it is scrolled', async () => {
  const { column, receive, scroller, scrollTo, texts } = await mountLive(upTo(50))
  await scrollTo(100)
  await receive(upTo(52, 50))
  expect(texts('.tm-table__new')).toEqual(['2 new'])
  await scrollTo(0)
  expect(column('name')[0]).toBe('/52')
  await scrollTo(100)
  await receive(upTo(53, 50))
  await scroller().find('[data-tm-index]').trigger('focusin')
  scroller().element.parentElement?.querySelector('button')?.click()
  await nextFrame()
  expect(scroller().element.scrollTop).toBe(0)
})

it('ActivityTable: holds new rows back while paused, and shows them on demand', async () => {
  const { column, receive, texts, wrapper } = await mountLive(upTo(1), { paused: true })
  await receive(upTo(2))
  expect(column('name')).toEqual(['/1'])
  expect(texts('[aria-live]')).toEqual(['1 new'])
  await wrapper.find('.tm-table__new').trigger('click')
  expect(column('name')).toEqual(['/2', '/1'])
  expect(document.activeElement?.getAttribute('role')).toBe('table')
})

it('ActivityTable: counts at most 999 new rows', async () => {
  const { items, texts } = await mountTable(upTo(1), { paused: true })
  items.value = upTo(2000)
  await nextFrame()
  expect(texts('.tm-table__new')).toEqual(['999+ new'])
})

it('ActivityTable: emits `row-click` by mouse and keyboard', async () => {
  const onRowClick = vi.fn<(row: FeedEntry, event: Event) => void>()
  const { wrapper } = await mountTable(upTo(2), { 'onRow-click': onRowClick })
  const row = wrapper.find('[data-tm-index="1"]')
  await row.trigger('click')
  await row.trigger('keydown', { key: 'Enter' })
  await row.trigger('keydown', { key: ' ' })
  await row.trigger('keydown', { key: 'a' })
  expect(onRowClick.mock.calls.map(([clicked]) => clicked)).toEqual([entry(1), entry(1), entry(1)])
})

it('ActivityTable: moves the focus by keyboard, with one tab stop', async () => {
  const { wrapper } = await mountTable(upTo(1000))
  const focused = () => document.activeElement?.getAttribute('aria-rowindex')
  const press = async (key: string) => {
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
    await nextFrame()
  }
  wrapper.find<HTMLElement>('[data-tm-index][tabindex="0"]').element.focus()
  expect(focused()).toBe('2')
  await press('ArrowDown')
  expect(focused()).toBe('3')
  await press('ArrowUp')
  await press('ArrowUp')
  expect(focused()).toBe('2')
  await press('End')
  expect(focused()).toBe('1001')
  await press('PageUp')
  expect(focused()).toBe('993')
  await press('PageDown')
  await press('Home')
  expect(focused()).toBe('2')
  expect(wrapper.findAll('[data-tm-index][tabindex="0"]').length).toBe(1)
})

it('ActivityTable: keeps the focus when rows arrive above, and when its row leaves', async () => {
  const { receive, wrapper } = await mountLive(upTo(2), { maxRows: 3 })
  const row = wrapper.find<HTMLElement>('[data-tm-index="1"]').element
  row.focus()
  await receive(upTo(3))
  expect(document.activeElement).toBe(row)
  expect(row.getAttribute('aria-rowindex')).toBe('4')
  await receive(upTo(4))
  expect(document.activeElement?.getAttribute('role')).toBe('table')
})

it('ActivityTable: shows the full texts of the row with the focus', async () => {
  const { texts, wrapper } = await mountTable([entry(1, { title: 'A long title' })])
  await wrapper.find('[data-tm-index]').trigger('focusin')
  expect(texts('dt')).toEqual(['Time', 'Type', 'Page or name', 'Title', 'Country', 'Device'])
  expect(texts('dd')[3]).toBe('A long title')
  await wrapper.find('[data-tm-index]').trigger('keydown', { key: 'Escape' })
  expect(wrapper.find('dl').exists()).toBe(false)
})

it('ActivityTable: renders the slots of cells', async () => {
  const { column } = await mountTable(
    upTo(1),
    { columns: ['name', 'type'] },
    {
      'cell-name': ({ row, text }: { row: FeedEntry; text: string }) => `${row.id} ${text}`,
      cell: ({ column: key }: { column: string }) => `any ${key}`,
    },
  )
  expect(column('name')).toEqual(['1-0 /1'])
  expect(column('type')).toEqual(['any type'])
})

it('ActivityTable: renders bad data without an error', async () => {
  const bad: unknown[] = [null, undefined, 5, {}, { id: 1, timestamp: 'x', type: 7, path: {} }]
  const { column } = await mountTable(bad as FeedEntry[])
  expect(column('name')).toEqual(['(unnamed)', '(unnamed)'])
  expect(column('time')).toEqual(['', ''])
})

it('ActivityTable: shows a skeleton, a text for no rows, and the state of the source', async () => {
  const { items, texts, wrapper } = await mountTable(undefined)
  expect(wrapper.find('.tm-table').attributes('aria-busy')).toBe('true')
  items.value = []
  await nextFrame()
  expect(texts('.tm-empty')).toEqual(['No activity yet.'])
  const { texts: badge } = await mountTable(upTo(1), { status: 'disconnected' })
  expect(badge('.tm-status button')).toEqual(['Disconnected'])
})

it('ActivityTable: emits `update` and `error`', async () => {
  const onUpdate = vi.fn<(rows: readonly FeedEntry[]) => void>()
  const onError = vi.fn<(error: object) => void>()
  const { clients, receive } = await mountLive(upTo(1), { onUpdate, onError })
  await receive(upTo(2))
  expect(onUpdate).toHaveBeenLastCalledWith([entry(2), entry(1)])
  clients.last.setStatus({ error: { code: 'refused', message: 'x' } })
  await nextFrame()
  expect(onError).toHaveBeenCalledTimes(1)
})

it('ActivityTable: has the given title and height', async () => {
  const { scroller, wrapper } = await mountTable(upTo(1), { title: 'Log', height: '10em' })
  expect(wrapper.find('.tm-card__title').text()).toBe('Log')
  expect(scroller().attributes('aria-label')).toBe('Log')
  expect(scroller().element.style.maxBlockSize).toBe('10em')
})

it('ActivityTable: keeps the height of its skeleton, with filters, also with few rows', async () => {
  const { receive, scroller, wrapper } = await mountLive(undefined, { height: '10em' })
  expect(wrapper.find('.tm-table__filters').exists()).toBe(true)
  expect(wrapper.find<HTMLElement>('.tm-list').element.style.blockSize).toBe('10em')
  await receive([])
  expect(wrapper.find<HTMLElement>('.tm-empty').element.style.minBlockSize).toBe('10em')
  await receive(upTo(1))
  expect(scroller().element.style.minBlockSize).toBe('10em')
  const { scroller: ofItems } = await mountTable(upTo(1))
  expect(ofItems().element.style.minBlockSize).toBe('')
})

it('ActivityTable: renders only new rows again', async () => {
  const { receive, rerenders } = await mountLive(upTo(3))
  rerenders.get('TableRow')
  await receive(upTo(3))
  expect(rerenders.get('TableRow')).toBeUndefined()
})
