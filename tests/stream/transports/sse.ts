import { type ServerMessage, formatCursor } from '@tidemark/protocol'
import { type OpenReader, createReaderState, queryOf, applyMessage } from './reader.ts'

export const openSseReader: OpenReader = options => {
  const state = createReaderState(options)
  const url = `${options.siteUrl}/realtime/sse?${queryOf(options, state.position)}`
  let stream = new AbortController()
  let lastId: string | undefined

  /** Connects like an `EventSource`: with the same address each time, and the last event id in a header. */
  async function read({ signal }: AbortController): Promise<void> {
    const headers = lastId === undefined ? {} : { 'Last-Event-ID': lastId }
    const answer = await fetch(url, { signal, headers })
    if (!answer.ok) throw new Error(`GET realtime/sse: expected status 200, got ${answer.status}.`)
    let rest = ''
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = (rest + chunk).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) {
        if (!signal.aborted) handleEvent(event)
      }
    }
  }

  function handleEvent(event: string): void {
    const data = /^data: (.*)$/m.exec(event)?.[1] ?? ''
    const id = /^id: (.*)$/m.exec(event)?.[1]
    const message = JSON.parse(data) as ServerMessage
    const hasCursor = message.type === 'snap' || message.type === 'frame'
    if (hasCursor !== (id !== undefined))
      state.violations.push(
        `a ${message.type} event came ${id === undefined ? 'without' : 'with'} an id`,
      )
    applyMessage(state, options, message, open)
    const { position } = state
    if (id === undefined || !position) return
    // Not the id of the event: the reader has not seen frames that the test drops.
    lastId = formatCursor(position.cursor)
    if (id !== lastId && !options.isLost) {
      state.violations.push(`the event has the id ${id} but leads to ${lastId}`)
    }
  }

  function open(): void {
    stream.abort()
    const next = new AbortController()
    stream = next
    read(next).catch((error: unknown) => {
      if (!next.signal.aborted) state.violations.push(String(error))
    })
  }

  open()
  return Object.assign(state, { close: () => stream.abort() })
}
