import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { toSharedMessage } from '../live/shared-message.ts'
import { createWebSockets } from './websocket-server.ts'

const handshake = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n')

it('createWebSockets: writes shared messages in order, and nothing after the close frame', async () => {
  const websockets = createWebSockets()
  const sockets: unknown = websockets.option.server
  if (!(sockets instanceof WebSocketServer)) throw new Error('It is of ws.')
  const server = createServer().listen(0, '127.0.0.1')
  server.on('upgrade', (request, tcpSocket, head) => {
    sockets.handleUpgrade(request, tcpSocket, head, (webSocket: WebSocket) => {
      sockets.emit('connection', webSocket, request)
      const socket = websockets.messageSocketOf(webSocket)
      socket?.send('first')
      socket?.sendShared(toSharedMessage('second'))
      socket?.send('third')
      socket?.close(4503, '')
      socket?.sendShared(toSharedMessage('late'))
      websockets.terminateAll()
    })
  })
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.write(handshake)
  const chunks: Buffer[] = []
  client.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(client, 'close')
  server.close()
  const frames = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n')[1]
  expect(frames).toBe('\x81\x05first\x81\x06second\x81\x05third\x88\x02\x11\x97')
})
