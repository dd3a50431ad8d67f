import { closeCodes, errors, eventErrors, tokenSubprotocol } from '@tidemark/protocol'
import { createTidemark } from '@tidemark/server'
import { sign } from 'hono/jwt'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { readPage } from './page.ts'

const { text: page, blocks: codeBlocks, tableAfter } = await readPage('docs/protocol.md')

describe('docs/protocol.md', () => {
  it('lists every error with its status and title', () => {
    const documented = tableAfter('## Errors').map(([code, status, title]) => ({
      code: code?.replaceAll('`', ''),
      status: Number(status),
      title: title?.split(' Come back')[0],
    }))
    const catalogued = Object.entries(errors).map(([code, { status, title }]) => ({
      code,
      status,
      title,
    }))
    const byCode = (a: { code?: string | undefined }, b: { code?: string | undefined }): number =>
      String(a.code) < String(b.code) ? -1 : 1
    expect(documented.toSorted(byCode)).toEqual(catalogued.toSorted(byCode))
  })

  it('lists every code of an event', () => {
    const codes = tableAfter('### Codes of events').flatMap(([code]) =>
      [...(code ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    )
    expect(codes.toSorted()).toEqual(Object.keys(eventErrors).toSorted())
  })

  it('names no close code that there is not', () => {
    const known = new Set<number>([1009, ...Object.values(closeCodes)])
    const named = [...page.matchAll(/^\| (\d{4}) +\|/gm)].map(([, code]) => Number(code))
    expect(named.length).toBeGreaterThan(4)
    for (const code of named) expect(known).toContain(code)
  })

  it('has only JSON in its JSON', () => {
    for (const block of codeBlocks('json')) expect(() => JSON.parse(block), block).not.toThrow()
  })

  it('has commands that do what is said beside them', async () => {
    const now = 1_790_000_000_000
    const tidemark = createTidemark({ clock: { now: () => now, after: () => () => {} } })
    const run = async (command: string): Promise<Response> => {
      const [, path = ''] = /"\$API([^"]*)"/.exec(command) ?? []
      const [, body] = /-d '([^]*)'/.exec(command) ?? []
      const init = body === undefined ? {} : { method: 'POST', body }
      return await tidemark.fetch(new Request(`http://localhost/api${path}`, init))
    }
    const commands = codeBlocks('sh').filter(each => !each.includes('$TOKEN'))
    const [send = '', realtime = '', frames = '', sse = '', metrics = ''] = commands

    const sent = await run(send)
    expect(sent.status).toBe(202)
    expect(await sent.json()).toEqual(JSON.parse(codeBlocks('json')[0] ?? ''))

    const state = await run(realtime)
    expect(state.status).toBe(200)
    expect(Object.keys(await state.json())).toEqual(
      Object.keys(JSON.parse(codeBlocks('json')[1] ?? '')),
    )

    // On this server nothing has happened yet after its first frame.
    const gone = await run(frames.replace('&wait=25', ''))
    expect(gone.status).toBe(410)
    expect(await gone.json()).toMatchObject({ code: 'cursor_gone', reason: 'future' })

    const stream = await run(sse)
    const [first = '', second = ''] = (await firstPiece(stream, 2)).split('\n\n')
    const [shownFirst = '', shownSecond = ''] = (codeBlocks('text')[0] ?? '').split('\n\n')
    expect(shapeOf(first)).toEqual(shapeOf(shownFirst))
    expect(shapeOf(second)).toEqual(shapeOf(shownSecond))

    const history = await run(metrics)
    expect(history.status).toBe(200)
    expect(Object.keys(await history.json())).toEqual(
      Object.keys(JSON.parse(codeBlocks('json')[3] ?? '')),
    )
    await tidemark.close()
  })

  it('has an EventSource that reads the state and its changes', async () => {
    const tidemark = createTidemark()
    const printed: unknown[] = []
    /** As much of the browser's own as the example needs. */
    class EventSource {
      onmessage: (event: { data: string }) => void = () => {}
      constructor(url: string) {
        void this.read(new URL(url))
      }
      async read({ pathname, search }: URL): Promise<void> {
        const answer = await tidemark.fetch(new Request(`http://localhost${pathname}${search}`))
        const pieces = answer.body?.pipeThrough(new TextDecoderStream())
        for await (const piece of pieces ?? []) {
          for (const [, data = ''] of piece.matchAll(/^data: (.*)$/gm)) this.onmessage({ data })
        }
      }
    }
    const [example = ''] = codeBlocks('js')
    runInNewContext(example, {
      EventSource,
      console: { log: (text: unknown) => printed.push(text) },
    })
    await vi.waitFor(() => expect(printed).toEqual([0]))
    const body = JSON.stringify({ name: 'page_view', url: 'https://shop.example/' })
    const url = 'http://localhost/api/sites/demo/events'
    await tidemark.fetch(new Request(url, { method: 'POST', body }))
    await vi.waitFor(() => expect(printed).toEqual([0, 1]))
    await tidemark.close()
  })

  it('has a command that shows a token', async () => {
    const secret = 'x'.repeat(32)
    const claims = { aud: 'tidemark', site: 'demo', scope: 'read' }
    const token = await sign(claims, secret, 'HS256')
    const tidemark = createTidemark({ access: { tokens: { secret } } })
    const command = codeBlocks('sh').find(each => each.includes('$TOKEN')) ?? ''
    const [, header = '', path = ''] = /-H "([^"]+)" "\$API([^"]+)"/.exec(command) ?? []
    const [name = '', value = ''] = header.replace('$TOKEN', token).split(': ')
    const init = { headers: { [name]: value } }
    const answer = await tidemark.fetch(new Request(`http://localhost/api${path}`, init))
    expect(answer.status).toBe(200)
    expect(page).toContain(`\`${tokenSubprotocol}\` and the token`)
    await tidemark.close()
  })

  it('has the ranges of history that a server takes', async () => {
    const now = Date.UTC(2026, 10, 22, 10, 30, 20)
    const tidemark = createTidemark({ clock: { now: () => now, after: () => () => {} } })
    const ask = async (query: string): Promise<unknown> => {
      const url = `http://localhost/api/sites/demo/metrics?${query}`
      const { from, to, code } = await (await tidemark.fetch(new Request(url))).json()
      return code ?? [from, to].map(time => new Date(time).toISOString().slice(0, 16))
    }
    // Without `to` the end of the minute that runs, without `from` an hour before `to`.
    expect(await ask('')).toEqual(['2026-11-22T09:31', '2026-11-22T10:31'])
    expect(await ask('to=2026-11-22T10:00Z')).toEqual(['2026-11-22T09:00', '2026-11-22T10:00'])
    const [, zoned = ''] = /`(2026-11-22T\d\d:\d\d%2B[^`]+)`/.exec(page) ?? []
    expect(await ask(`from=${zoned}`)).toEqual(['2026-11-22T10:00', '2026-11-22T10:31'])
    expect(await ask('from=2026-11-22')).toEqual(['2026-11-22T00:00', '2026-11-22T10:31'])
    for (const wrong of [decodeURIComponent(zoned), '2026-11-22T10:00', '22 November', 'now']) {
      expect(await ask(`from=${wrong}`), wrong).toBe('query_invalid')
    }
    await tidemark.close()
  })

  it('has the ids that a site may have', async () => {
    const tidemark = createTidemark()
    const ask = async (id: string): Promise<number> =>
      (await tidemark.fetch(new Request(`http://localhost/api/sites/${id}/realtime`))).status
    for (const id of ['a', '7', 'My-shop_1.example', 'x'.repeat(64)])
      expect(await ask(id)).toBe(200)
    for (const id of ['-a', '_a', '.a', 'x'.repeat(65), 'ä']) expect(await ask(id)).toBe(404)
    await tidemark.close()
  })
})

/** What has come of a stream once it has so many events. */
async function firstPiece({ body }: Response, events: number): Promise<string> {
  let text = ''
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    if (text.split('\n\n').length > events) break
  }
  return text
}

/** An event without what is different each time: its fields, and the keys of its message. */
function shapeOf(event: string): unknown[] {
  return event.split('\n').map(line => {
    const [field = '', value = ''] = line.split(/: (.*)/s)
    return field === 'data' ? [field, Object.keys(JSON.parse(value))] : field
  })
}
