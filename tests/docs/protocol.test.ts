import {
  type Frame,
  type Snapshot,
  applyFrame,
  applySnapshot,
  channelNames,
  channels,
  closeCodes,
  eventNames,
  isAutomatic,
  limits,
  tokenSubprotocol,
} from '@tidemark/protocol'
import { createTidemark } from '@tidemark/server'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { defaultConnectionBounds } from '../../packages/server/src/live/connection.ts'
import { defaultConnectionLimits } from '../../packages/server/src/live/connection-limiter.ts'
import { defaultRingBounds } from '../../packages/server/src/live/ring.ts'
import { runCurl } from './curl.ts'
import { namesIn, readPage } from './page.ts'

const { text: page, blocks: codeBlocks, tableAfter } = await readPage('docs/protocol.md')

const messages = readFileSync(
  join(import.meta.dirname, '../../packages/protocol/src/messages.ts'),
  'utf8',
)

/** The `type` of each message in a union of the protocol package; frames have their own type there. */
function messageTypes(union: string): string[] {
  const [, body = ''] = new RegExp(`type ${union} =([^]*?)\n(?:\n|/\\*\\*)`).exec(messages) ?? []
  return [...body.matchAll(/type: '(\w+)'/g)].map(([, type = '']) => type)
}

describe('docs/protocol.md', () => {
  it('lists only close codes that exist', () => {
    const known = new Set<number>([1009, ...Object.values(closeCodes)])
    const named = tableAfter('### Close codes').map(([code]) => Number(code))
    expect(named.length).toBeGreaterThan(4)
    for (const code of named) expect(known).toContain(code)
  })

  it.each([
    ['### Messages to the server', 'ClientMessage'],
    ['### Messages from the server', 'ServerMessage'],
  ])('lists the messages of "%s"', (heading, union) => {
    const types = messageTypes(union)
    expect(types.length).toBeGreaterThan(2)
    expect(new Set(namesIn(tableAfter(heading)))).toEqual(new Set(types))
  })

  it('has a frame that applies to its snapshot', () => {
    const [snapshot, frame] = codeBlocks('json').map(block => JSON.parse(block))
    const before = applySnapshot(undefined, snapshot as Snapshot)
    const after = applyFrame(before, frame as Frame)
    expect(after).toMatchObject({ cursor: { seq: 44 }, state: { currentVisitors: 3 } })
  })

  it('has the key of each list', () => {
    const rows = tableAfter('### Patches')
    const documented = new Map(
      rows.flatMap(([names = '', key = '']) => {
        const [field = ''] = namesIn([[key]])
        return namesIn([[names]]).map(name => [name, field] as const)
      }),
    )
    for (const name of channelNames) {
      const spec = channels[name]
      if (spec.kind !== 'rows') continue
      const field = documented.get(name) ?? ''
      // The key of `properties` joins two fields.
      const fields = field.split('.')
      const row = Object.fromEntries(fields.map(each => [each, 'key']))
      const key = fields.map(() => 'key').join('.')
      expect(Reflect.apply(spec.keyOf, undefined, [row]), name).toBe(key)
    }
  })

  it('has a command whose event stream looks as shown', async () => {
    const tidemark = createTidemark()
    const stream = await runCurl(tidemark, codeBlocks('sh')[0] ?? '')
    const [first = '', second = ''] = (await readEvents(stream, 2)).split('\n\n')
    const [shownFirst = '', shownSecond = ''] = (codeBlocks('text')[0] ?? '').split('\n\n')
    expect(shapeOf(first)).toEqual(shapeOf(shownFirst))
    expect(shapeOf(second)).toEqual(shapeOf(shownSecond))
    await tidemark.close()
  })

  it('has an EventSource that reads the state and its changes', async () => {
    const tidemark = createTidemark()
    const printed: unknown[] = []
    /** The part of the browser's `EventSource` that the example uses. */
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

  it('has the subprotocol of tokens', () => {
    expect(page).toContain(`\`${tokenSubprotocol}\` and the token`)
  })

  it('lists each automatic event', () => {
    const names = Object.values(eventNames).filter(isAutomatic)
    expect(names.length).toBeGreaterThan(5)
    expect(namesIn(tableAfter('## Automatic events'))).toEqual(names)
  })

  it('has the limits and times of connections', () => {
    const text = page.replaceAll(/\s+/g, ' ')
    const count = (number: number): string => number.toLocaleString('en-US')
    const { maxPerSite, maxPerAddress } = defaultConnectionLimits
    expect(text).toContain(`at most ${count(maxPerSite)} WebSockets`)
    expect(text).toContain(`Per client address it keeps at most ${maxPerAddress};`)
    const { softBufferBytes, maxBufferBytes, heartbeatMs, maxMessages } = defaultConnectionBounds
    expect(text).toContain(`While more than ${softBufferBytes / 1024} KiB wait`)
    expect(text).toContain(`more than ${maxBufferBytes / 1024 ** 2} MiB waits`)
    expect(text).toContain(`(${count(heartbeatMs)} by default)`)
    expect(text).toContain(`at most ${maxMessages} messages per heartbeat`)
    expect(text).toContain(`A message has at most ${limits.maxMessageBytes / 1024} KiB`)
    const { maxFrames, maxBytes } = defaultRingBounds
    expect(text).toContain(`the last ${count(maxFrames)} frames`)
    expect(text).toContain(`at most ${maxBytes / 1024 ** 2} MiB of patches`)
  })
})

/** The text of a stream, up to a number of complete events. */
async function readEvents({ body }: Response, events: number): Promise<string> {
  let text = ''
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    if (text.split('\n\n').length > events) break
  }
  return text
}

/** The fields of an event and the keys of its message, which do not vary between runs. */
function shapeOf(event: string): unknown[] {
  return event.split('\n').map(line => {
    const [field = '', value = ''] = line.split(/: (.*)/s)
    return field === 'data' ? [field, Object.keys(JSON.parse(value))] : field
  })
}
