import { connect } from 'node:net'
import { WebSocket } from 'ws'

/** Many readers of one server that only count their frames. */
export interface ReaderGroup {
  /** Frames received by all readers together. */
  received(): number
  /** The last frame that a reader received, as JSON. */
  last(): string
  /** Calls the listener with every frame of every reader. */
  onFrame(listener: (text: string) => void): void
  /** Stops the first `count` readers from reading. */
  stall(count: number): void
  close(): void
}

/** The operations on a connection. */
interface Connection {
  pause(): void
  end(): void
}

type Open = (onText: (text: string) => void) => Promise<Connection>

/** Number of connections that are opened concurrently. */
const concurrency = 50

async function openReaders(count: number, open: Open): Promise<ReaderGroup> {
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
    const more = Array.from({ length: Math.min(concurrency, count - connections.length) }, () =>
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

/** Opens readers on WebSockets. Each sends `greeting` first, and then the result of `answer` for each message. */
export function openSockets(
  count: number,
  url: string,
  greeting?: string,
  answer?: (text: string) => string | undefined,
): Promise<ReaderGroup> {
  return openReaders(
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
          if (greeting !== undefined) socket.send(greeting)
          resolve({ pause: () => socket.pause(), end: () => socket.terminate() })
        })
        socket.on('error', reject)
      }),
  )
}

/** Opens readers of server-sent events. */
export function openStreams(count: number, port: number, path: string): Promise<ReaderGroup> {
  return openReaders(
    count,
    onText =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1')
        socket.on('connect', () => {
          socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
          resolve({ pause: () => socket.pause(), end: () => socket.destroy() })
        })
        // Each frame is small enough for one chunk.
        socket.on('data', data => onText(data.toString()))
        socket.on('error', reject)
      }),
  )
}
