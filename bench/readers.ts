import { connect } from 'node:net'
import { WebSocket } from 'ws'

/** Many readers of one server, that count what they get and do nothing else. */
export interface Room {
  /** Frames received by all readers together. */
  received(): number
  /** The last frame that a reader received, as JSON. */
  last(): string
  /** Calls back with every frame that a reader gets. */
  onFrame(listener: (text: string) => void): void
  /** These many of them read no more. */
  stall(count: number): void
  close(): void
}

/** What of a connection a room needs. */
interface Connection {
  pause(): void
  end(): void
}

type Open = (onText: (text: string) => void) => Promise<Connection>

/** How many are opened at a time. */
const atOnce = 50

async function openRoom(count: number, open: Open): Promise<Room> {
  const listeners = new Set<(text: string) => void>()
  let received = 0
  let last = ''
  const onText = (text: string): void => {
    if (!text.includes('"patch":')) return
    received++
    last = text
    for (const listener of listeners) listener(text)
  }
  const connections: Connection[] = []
  while (connections.length < count) {
    const more = Array.from({ length: Math.min(atOnce, count - connections.length) }, () =>
      open(onText),
    )
    connections.push(...(await Promise.all(more)))
  }
  return {
    received: () => received,
    last: () => last.slice(last.indexOf('{')),
    onFrame: listener => void listeners.add(listener),
    stall(stalled) {
      for (const connection of connections.slice(0, stalled)) connection.pause()
    },
    close() {
      for (const connection of connections) connection.end()
    },
  }
}

/** Readers on a WebSocket; `greet` is said first, `answer` to whatever needs one. */
export function openSockets(
  count: number,
  url: string,
  greet?: string,
  answer?: (text: string) => string | undefined,
): Promise<Room> {
  return openRoom(
    count,
    onText =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(url, { perMessageDeflate: false })
        socket.on('message', data => {
          if (!Buffer.isBuffer(data)) return
          const text = data.toString()
          const reply = answer?.(text)
          if (reply !== undefined) socket.send(reply)
          onText(text)
        })
        socket.on('open', () => {
          if (greet !== undefined) socket.send(greet)
          resolve({ pause: () => socket.pause(), end: () => socket.terminate() })
        })
        socket.on('error', reject)
      }),
  )
}

/** Readers of server-sent events, each a request whose answer goes on. */
export function openStreams(count: number, port: number, path: string): Promise<Room> {
  return openRoom(
    count,
    onText =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1')
        socket.on('connect', () => {
          socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
          resolve({ pause: () => socket.pause(), end: () => socket.destroy() })
        })
        // A frame here is smaller than what comes in one piece.
        socket.on('data', data => onText(data.toString()))
        socket.on('error', reject)
      }),
  )
}
