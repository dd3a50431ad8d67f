import { type FramesAnswer, type Snapshot, applyPatch, parseEtag } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { createTestServer } from './testing/server.ts'

const base = '/api/sites/shop/realtime'
let visitors = 0

/** Creates a page view of a new visitor. */
function view(path = '/') {
  return { name: 'page_view', visitorId: `v${++visitors}`, url: `https://shop.example${path}` }
}

async function parse<T>(answer: Response): Promise<T> {
  return (await answer.json()) as T
}

describe('GET realtime', () => {
  it('has the same referrers as history: unknown without the field, direct with an empty one', async () => {
    const { ask, send, read } = createTestServer()
    for (const referrer of [undefined, 'no URL', '', 'https://news.example/a']) {
      await send({ ...view(), referrer })
    }
    const { referrers, currentVisitors } = await read('?channels=referrers,currentVisitors')
    expect([referrers, currentVisitors]).toEqual([
      [
        { source: '(unknown)', visitors: 2 },
        { source: '(direct)', visitors: 1 },
        { source: 'news.example', visitors: 1 },
      ],
      4,
    ])
    const history = await parse<object>(await ask('/api/sites/shop/metrics?by=referrer'))
    expect(history).toMatchObject({
      rows: [
        { referrer: '(unknown)', pageViews: 2, visitors: 2 },
        { referrer: '(direct)', pageViews: 1, visitors: 1 },
        { referrer: 'news.example', pageViews: 1, visitors: 1 },
      ],
    })
  })

  it('counts a visitor who comes by a link of the site itself as unknown', async () => {
    const { send, read } = createTestServer()
    await send({ ...view(), referrer: 'https://shop.example/boots' })
    const { referrers } = await read('?channels=referrers')
    expect(referrers).toEqual([{ source: '(unknown)', visitors: 1 }])
  })

  it('answers with the state, and its cursor as the ETag', async () => {
    const { ask, send, clock } = createTestServer()
    await send({ ...view('/boots'), title: 'Boots' })
    const answer = await ask(base)
    const snapshot = await parse<Snapshot>(answer)
    expect(answer.headers.get('ETag')).toBe(`"${snapshot.cursor}"`)
    expect(answer.headers.get('Content-Type')).toBe('application/json')
    expect(answer.headers.get('Cache-Control')).toContain('public')
    expect(snapshot).toEqual({
      cursor: expect.stringMatching(/^\d+\.1$/) as string,
      at: clock.now(),
      windowMinutes: 5,
      currentVisitors: 1,
      activePages: [{ path: '/boots', visitors: 1 }],
      pageViews: 1,
      recentEvents: [
        {
          id: '1-0',
          type: 'pageview',
          name: 'page_view',
          path: '/boots',
          title: 'Boots',
          device: 'other',
          timestamp: clock.now(),
        },
      ],
      referrers: [{ source: '(unknown)', visitors: 1 }],
      countries: [{ country: '(unknown)', visitors: 1 }],
      devices: [{ device: 'other', visitors: 1 }],
      events: [{ name: 'page_view', count: 1 }],
      goals: [],
      values: [],
      secondSeries: [{ at: clock.now(), events: 1, pageViews: 1, visitors: 1 }],
      minuteSeries: [{ at: clock.now(), events: 1, pageViews: 1, visitors: 1 }],
    })
  })

  it('answers 304 while the selection is unchanged, with CORS and the same ETag', async () => {
    const { ask, send, clock } = createTestServer()
    const query = `${base}?channels=currentVisitors`
    await send({ ...view(), visitorId: 'v' })
    const tag = (await ask(query)).headers.get('ETag') ?? ''
    // Another event of the same visitor changes the feed, but not the count.
    clock.advance(1000)
    await send({ name: 'sign_up', visitorId: 'v' })
    const same = await ask(query, { headers: { 'If-None-Match': tag } })
    expect(same.status).toBe(304)
    expect(await same.text()).toBe('')
    expect(same.headers.get('ETag')).toBe(tag)
    expect(same.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(same.headers.get('Cache-Control')).toBe((await ask(query)).headers.get('Cache-Control'))
    expect((await ask(base, { headers: { 'If-None-Match': tag } })).status).toBe(200)
    clock.advance(1000)
    await send(view())
    const changed = await ask(query, { headers: { 'If-None-Match': tag } })
    expect(changed.status).toBe(200)
    expect(parseEtag(changed.headers.get('ETag'))?.seq).toBeGreaterThan(parseEtag(tag)?.seq ?? 0)
  })

  it.each([
    ['weakened', (tag: string) => `W/${tag}`],
    ['compressed', (tag: string) => tag.replace(/"$/, '-gzip"')],
    ['in a list', (tag: string) => `"1.1", ${tag}`],
    ['unquoted', (tag: string) => tag.replaceAll('"', '')],
    ['any', () => '*'],
  ])('recognizes its ETag %s', async (_, change) => {
    const { ask, send } = createTestServer()
    await send(view())
    const tag = (await ask(base)).headers.get('ETag') ?? ''
    const answer = await ask(base, { headers: { 'If-None-Match': change(tag) } })
    expect(answer.status).toBe(304)
  })

  it('answers with the requested window', async () => {
    const { send, read, clock } = createTestServer()
    const now = clock.now()
    await send({
      events: [1, 4, 14, 29, 59].map(ago => ({ ...view(), timestamp: now - ago * 60_000 })),
    })
    for (const [minutes, pageViews] of [
      [1, 0],
      [5, 2],
      [15, 3],
      [30, 4],
      [60, 5],
    ] as const) {
      const query = `?channels=pageViews&minutes=${minutes}`
      expect(await read(query)).toMatchObject({ windowMinutes: minutes, pageViews })
    }
  })

  it.each([
    '?channels=visitors',
    '?channels=',
    '?channels=currentVisitors,',
    '?channels=currentVisitors,__proto__',
    '?channels=constructor',
    '?channels=weather',
    '?minutes=7',
    '?minutes=',
    '?minutes=05',
    '?minutes=five',
    '?channels=pageViews&channels=weather',
    '?minutes=NaN',
    '?minutes=5e0x',
    '?minutes=-5',
    '?minutes=1e999',
    '?channels=currentVisitors&minutes=3',
  ])('answers 400 for %s', async query => {
    const { ask } = createTestServer()
    for (const path of [base, `${base}/frames`]) {
      const since = path === base ? '' : '&since=1.0'
      const answer = await ask(`${path}${query}${since}`)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 'selection_invalid' })
    }
  })

  it('marks answers as private when `authorize` is set', async () => {
    const { ask } = createTestServer({ access: { authorize: () => true } })
    for (const headers of [{}, { 'If-None-Match': '*' }]) {
      const answer = await ask(base, { headers })
      expect(answer.headers.get('Cache-Control')).toBe('private, no-cache')
      expect(answer.headers.get('Vary')).toBe('Authorization, Origin')
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    }
  })

  it('answers HEAD like GET without the body', async () => {
    const { ask, send } = createTestServer()
    await send(view())
    const answer = await ask(base, { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('ETag')).toBe((await ask(base)).headers.get('ETag'))
    expect(await answer.text()).toBe('')
  })
})

describe('GET realtime/frames', () => {
  const frames = (since: string, more = '') =>
    `${base}/frames?channels=currentVisitors&since=${since}${more}`

  async function setUp() {
    const server = createTestServer()
    const { epoch = 0 } = parseEtag((await server.ask(base)).headers.get('ETag')) ?? {}
    const visit = async (): Promise<void> => {
      server.clock.advance(250)
      await server.send(view())
    }
    return { ...server, epoch, visit }
  }

  it('answers with the frames after the cursor, not cached', async () => {
    const { ask, read, visit, epoch } = await setUp()
    await visit()
    const before = await read('?channels=currentVisitors')
    await visit()
    await visit()
    const answer = await ask(frames(`${epoch}.1`))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    const body = await parse<FramesAnswer>(answer)
    expect(body).toMatchObject({ from: `${epoch}.1`, to: `${epoch}.3`, more: false })
    expect(body.frames.map(({ p, s }) => [p, s])).toEqual([
      [1, 2],
      [2, 3],
    ])
    const { currentVisitors } = body.frames.reduce(
      (state, { patch }) => applyPatch(state, patch),
      before,
    )
    expect(currentVisitors).toBe(3)
  })

  it('answers without frames for the last cursor', async () => {
    const { ask, visit, epoch } = await setUp()
    await visit()
    expect(await (await ask(frames(`${epoch}.1`))).json()).toEqual({
      from: `${epoch}.1`,
      to: `${epoch}.1`,
      more: false,
      frames: [],
    })
  })

  it('sets `more` when the frames exceed one answer', async () => {
    const { ask, visit, clock, epoch } = await setUp()
    for (let count = 0; count < 300; count++) {
      await visit()
      if (count % 100 === 0) await ask(frames(`${epoch}.0`))
    }
    clock.advance(250)
    const first = await parse<FramesAnswer>(await ask(frames(`${epoch}.0`)))
    expect(first.frames.length).toBe(256)
    const last = first.frames.at(-1)?.s
    expect(first).toMatchObject({ more: true, to: `${epoch}.${last}` })
    const second = await parse<FramesAnswer>(await ask(frames(first.to)))
    expect(second).toMatchObject({ more: false, from: first.to })
    expect(second.frames[0]?.p).toBe(last)
    expect(first.frames.length + second.frames.length).toBe(300)
  })

  it('waits for the next frame', async () => {
    const { ask, visit, clock, epoch } = await setUp()
    let isAnswered = false
    const longPoll = ask(frames(`${epoch}.0`, '&wait=25')).finally(() => (isAnswered = true))
    await ask('/api/health')
    clock.advance(24_000)
    await ask('/api/health')
    expect(isAnswered).toBe(false)
    await visit()
    const { frames: found } = await parse<FramesAnswer>(await longPoll)
    expect(found.map(({ s }) => s)).toEqual([1])
  })

  it('does not wait when there are frames', async () => {
    const { ask, visit, epoch } = await setUp()
    await visit()
    const { frames: found } = await parse<FramesAnswer>(await ask(frames(`${epoch}.0`, '&wait=25')))
    expect(found.map(({ s }) => s)).toEqual([1])
  })

  it('waits through changes of other channels', async () => {
    const { ask, send, clock, visit, epoch } = await setUp()
    await send({ ...view(), visitorId: 'v' })
    let isAnswered = false
    const longPoll = ask(frames(`${epoch}.1`, '&wait=25')).finally(() => (isAnswered = true))
    await ask('/api/health')
    clock.advance(1000)
    await send({ name: 'sign_up', visitorId: 'v' })
    await ask('/api/health')
    expect(isAnswered).toBe(false)
    await visit()
    expect((await parse<FramesAnswer>(await longPoll)).to).toBe(`${epoch}.3`)
  })

  it('answers without frames after the wait, and leaves no timer', async () => {
    const { ask, clock, epoch } = await setUp()
    const pending = clock.pending
    const longPoll = ask(frames(`${epoch}.0`, '&wait=5'))
    await ask('/api/health')
    expect(clock.pending).toBe(pending + 1)
    clock.advance(5000)
    expect(await (await longPoll).json()).toMatchObject({ frames: [], to: `${epoch}.0` })
    expect(clock.pending).toBe(pending)
  })

  it('stops waiting when the reader disconnects', async () => {
    const { ask, clock, epoch } = await setUp()
    const pending = clock.pending
    const reader = new AbortController()
    const longPoll = ask(frames(`${epoch}.0`, '&wait=25'), { signal: reader.signal })
    await ask('/api/health')
    expect(clock.pending).toBe(pending + 1)
    reader.abort()
    await longPoll
    expect(clock.pending).toBe(pending)
  })

  it('answers 410 with the reason at once, also with `wait`', async () => {
    const { ask, visit, epoch } = await setUp()
    for (let count = 0; count < 1030; count++) {
      await visit()
      if (count % 100 === 0) await ask(frames(`${epoch}.1`))
    }
    for (const [since, reason] of [
      [`${epoch - 1}.0`, 'epoch'],
      [`${epoch - 1}.99999`, 'epoch'],
      [`${epoch + 1}.99999`, 'epoch'],
      [`${epoch}.99999`, 'future'],
      [`${epoch}.1`, 'expired'],
    ] as const) {
      const answer = await ask(frames(since, '&wait=25'))
      expect(answer.status).toBe(410)
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
      expect(await answer.json()).toMatchObject({ code: 'cursor_gone', reason })
    }
  })

  it.each(['', 'x', '1', '"1.0"', '1.0.0', '-1.0', '1.0%0a', '01.0', '1.9999999999999999'])(
    'answers 400 for the cursor %j',
    async since => {
      const { ask } = createTestServer()
      const answer = await ask(frames(since))
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ code: 'cursor_invalid' })
    },
  )

  it('answers 400 without a cursor', async () => {
    const { ask } = createTestServer()
    const answer = await ask(`${base}/frames`)
    expect(await answer.json()).toMatchObject({ code: 'cursor_invalid', status: 400 })
  })

  it.each(['-1', '26', 'long', 'NaN', 'Infinity', '1e9', '0x1', '1.5', '', '+5', '099'])(
    'answers 400 for the wait %s',
    async wait => {
      const { ask } = createTestServer()
      const answer = await ask(frames('1.0', `&wait=${wait}`))
      expect(await answer.json()).toMatchObject({
        code: 'query_invalid',
        status: 400,
        detail: '`wait` must be a whole number of seconds from 0 to 25.',
      })
    },
  )
})
