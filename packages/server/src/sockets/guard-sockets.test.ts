import { EventEmitter } from 'node:events'
import { createServer } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { guardSockets } from './guard-sockets.ts'
import { defaultSocketLimits } from './socket-limits.ts'

interface FakeSocket extends EventEmitter {
  isDestroyed: boolean
}

function createGuarded() {
  const server = createServer()
  const reported: unknown[] = []
  const limits = { ...defaultSocketLimits, maxPerAddress: 2 }
  const isProxy = (address: string): boolean => address === '10.0.0.1'
  guardSockets(server, { limits, isProxy, onError: error => reported.push(error) })
  onTestFinished(() => void server.emit('close'))
  function open(remoteAddress: string): FakeSocket {
    const socket: FakeSocket = Object.assign(new EventEmitter(), {
      isDestroyed: false,
      remoteAddress,
      destroy: () => (socket.isDestroyed = true),
    })
    server.emit('connection', socket)
    return socket
  }
  return { open, reported }
}

it('guardSockets: refuses connections of an address beyond `maxPerAddress`, with a warning each time', () => {
  const { open, reported } = createGuarded()
  const first = open('192.0.2.1')
  const others = ['::ffff:192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2'].map(open)
  expect(others.map(({ isDestroyed }) => isDestroyed)).toEqual([false, true, true, false])
  expect(reported).toHaveLength(2)
  first.emit('close')
  first.emit('close')
  expect(open('192.0.2.1').isDestroyed).toBe(false)
  expect(open('192.0.2.1').isDestroyed).toBe(true)
})

it('guardSockets: counts an IPv6 network as one address', () => {
  const { open } = createGuarded()
  const addresses = ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:1::3', '2001:db8:0:1::1']
  expect(addresses.map(each => open(each).isDestroyed)).toEqual([false, false, true, false])
})

it.each(['127.0.0.1', '::1', '10.0.0.1', ''])('guardSockets: does not limit %o', address => {
  const { open } = createGuarded()
  for (let count = 0; count < 5; count++) expect(open(address).isDestroyed).toBe(false)
})
