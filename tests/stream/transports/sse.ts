import { type ServerMessage, formatCursor } from '@tidemark/protocol'
import { type OpenReader, createLedger, queryOf, takeMessage } from './reader.ts'

export const openSseReader: OpenReader = reading => {
  const ledger = createLedger(reading)
  const url = `${reading.siteUrl}/realtime/sse?${queryOf(reading, ledger.mark)}`
  let stream = new AbortController()
  let lastId: string | undefined

  /** What an `EventSource` does: the same address again, and what it heard last in a header. */
  async function read({ signal }: AbortController): Promise<void> {
    const headers = lastId === undefined ? {} : { 'Last-Event-ID': lastId }
    const answer = await fetch(url, { signal, headers })
    if (!answer.ok) throw new Error(`The stream was answered with ${answer.status}`)
    let rest = ''
    for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = (rest + piece).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) {
        if (!signal.aborted) take(event)
      }
    }
  }

  function take(event: string): void {
    const data = /^data: (.*)$/m.exec(event)?.[1] ?? ''
    const id = /^id: (.*)$/m.exec(event)?.[1]
    const message = JSON.parse(data) as ServerMessage
    const isMove = message.type === 'snap' || message.type === 'frame'
    if (isMove !== (id !== undefined)) ledger.violations.push(`an id on ${message.type}`)
    takeMessage(ledger, reading, message, open)
    const { mark } = ledger
    if (id === undefined || !mark) return
    // Not the id itself, as what a test loses was never heard.
    lastId = formatCursor(mark.cursor)
    if (id !== lastId && !reading.loses) {
      ledger.violations.push(`the id ${id} is not where it leads`)
    }
  }

  function open(): void {
    stream.abort()
    const next = new AbortController()
    stream = next
    read(next).catch((error: unknown) => {
      if (!next.signal.aborted) ledger.violations.push(String(error))
    })
  }

  open()
  return Object.assign(ledger, { close: () => stream.abort() })
}
