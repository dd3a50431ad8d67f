import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { toSharedMessage } from './shared-message.ts'

describe('toSharedMessage', () => {
  it.each([
    ['nothing', '', '8100'],
    ['one character', 'a', '810161'],
    ['UTF-8', 'é', '8102c3a9'],
  ])('encodes the length of %s in one byte', (_what, text, hex) => {
    expect(toSharedMessage(text).bytes.toString('hex')).toBe(hex)
  })

  it.each([
    [125, '817d'],
    [126, '817e007e'],
    [65_535, '817effff'],
    [65_536, '817f0000000000010000'],
  ])('encodes the length of %i bytes by RFC 6455', (length, head) => {
    const { bytes } = toSharedMessage('x'.repeat(length))
    expect(bytes.toString('hex', 0, bytes.length - length)).toBe(head)
    expect(bytes.toString('utf8', bytes.length - length)).toBe('x'.repeat(length))
  })
})

it('creates frames that another WebSocket library reads', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const texts = ['', 'é', 'x'.repeat(126), 'y'.repeat(70_000), 'end']
  server.on('connection', (_socket, request) => {
    for (const text of texts) request.socket.write(toSharedMessage(text).bytes)
  })
  await once(server, 'listening')
  const address = server.address()
  if (typeof address === 'string' || address === null) throw new Error('There is no port')
  const client = new WebSocket(`ws://127.0.0.1:${address.port}`)
  const received: unknown[] = []
  await new Promise<void>(resolve => {
    client.addEventListener('message', ({ data }) => {
      received.push(data)
      if (data === 'end') resolve()
    })
  })
  client.close()
  server.close()
  expect(received).toEqual(texts)
})
