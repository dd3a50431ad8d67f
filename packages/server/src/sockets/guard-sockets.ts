import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { createNetworkCounts } from '../shared/network.ts'
import { createLimitWarning } from '../shared/server-warning.ts'
import type { SocketLimits } from './socket-limits.ts'

export interface SocketGuardOptions {
  limits: SocketLimits
  /** Returns whether an address is that of a trusted proxy, which has the connections of many clients. */
  isProxy(address: string): boolean
  /** Receives a `ServerWarning` each time that a limit takes effect. */
  onError(error: unknown): void
}

export interface SocketGuard {
  /** Number of open connections. */
  readonly count: number
  /**
   * Ends the connections whose clients have to act, and have sent and read nothing since the previous call: silent
   * ones, incomplete requests, and answers that nobody reads. Leaves those for which the server works.
   */
  endStalled(): void
  /** Excludes a connection that becomes a WebSocket, which has limits of its own, unless the server ends it. */
  release(socket: Socket): void
}

/** The request of a connection that arrived last, and the state of its reader. */
interface Watched {
  request: IncomingMessage | undefined
  /** Checks since the request arrived. */
  requestChecks: number
  /** Bytes of the connection when the request arrived. */
  bytesBefore: number
  /** Bytes that the operating system has taken. */
  flushedBytes: number
  /** Checks in a row in which it took none although some waited. */
  stalledChecks: number
  isReleased: boolean
  /** Bytes in both directions at the previous call of `endStalled`. */
  movedBytes: number | undefined
}

const tooManyOpen =
  'The server has as many open connections as `sockets.maxOpen` allows, and refuses others.'

const tooManyOfAddress =
  'An address has as many open connections as `sockets.maxPerAddress` allows, so others of it are refused. If it is ' +
  'a proxy, name it in `proxy.trusted` (--trusted-proxy).'

/** Limits the connections of a server: their number, unfinished bodies, and answers that nobody reads. */
export function guardSockets(server: Server, options: SocketGuardOptions): SocketGuard {
  const { limits, isProxy, onError } = options
  const warnOfOpen = createLimitWarning(onError, 'sockets.maxOpen', tooManyOpen)
  const warnOfAddress = createLimitWarning(onError, 'sockets.maxPerAddress', tooManyOfAddress)
  const watched = new Map<Socket, Watched>()
  const networks = createNetworkCounts()
  server.maxConnections = limits.maxOpen
  server.on('drop', warnOfOpen)

  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket
    const address = isProxy(remoteAddress) ? '' : remoteAddress
    if (networks.countOf(address) >= limits.maxPerAddress) {
      warnOfAddress()
      socket.destroy()
      return
    }
    const release = networks.add(address)
    watched.set(socket, createWatched())
    socket.once('close', () => {
      watched.delete(socket)
      release()
    })
  })

  server.on('request', (request: IncomingMessage) => {
    const state = watched.get(request.socket)
    if (!state) return
    state.request = request
    state.requestChecks = 0
    state.bytesBefore = request.socket.bytesRead
  })

  const checkMs = checkIntervalOf(limits)
  const maxStalledChecks = Math.ceil(limits.answerMs / checkMs)
  const timer = setInterval(() => {
    for (const [socket, state] of watched) {
      if (isStalled(socket, state) && state.stalledChecks >= maxStalledChecks) socket.destroy()
    }
    endSlowestBodies(watched, limits.maxUnfinishedBytes)
  }, checkMs)
  timer.unref()
  server.once('close', () => clearInterval(timer))

  return {
    get count() {
      return watched.size
    },
    endStalled() {
      for (const [socket, state] of watched) {
        const { request, isReleased } = state
        const movedBytes = socket.bytesRead + socket.bytesWritten - socket.writableLength
        const isClientDue = !request?.complete || socket.writableLength > 0 || socket.writableEnded
        if (isClientDue && !isReleased && movedBytes === state.movedBytes) socket.destroy()
        state.movedBytes = movedBytes
      }
    },
    release(socket) {
      const state = watched.get(socket)
      if (state) state.isReleased = true
    },
  }
}

/** Returns how often connections are checked, also by Node, in milliseconds. */
export function checkIntervalOf({ headersMs, requestMs, answerMs }: SocketLimits): number {
  return Math.max(20, Math.min(250, Math.floor(Math.min(headersMs, requestMs, answerMs) / 4)))
}

function createWatched(): Watched {
  return {
    request: undefined,
    requestChecks: 0,
    bytesBefore: 0,
    flushedBytes: 0,
    stalledChecks: 0,
    isReleased: false,
    movedBytes: undefined,
  }
}

/** Counts the checks without progress. Returns whether the client has not read anything since the last one. */
function isStalled(socket: Socket, state: Watched): boolean {
  // The server has ended the connection, and the client has to.
  const isEnded = socket.writableEnded
  const flushedBytes = socket.bytesWritten - socket.writableLength
  const isWaiting = isEnded || (socket.writableLength > 0 && !state.isReleased)
  state.stalledChecks =
    isWaiting && flushedBytes === state.flushedBytes ? state.stalledChecks + 1 : 0
  state.flushedBytes = flushedBytes
  return state.stalledChecks > 0
}

/** Ends the requests with the oldest incomplete bodies until the others have at most `maxBytes`. */
function endSlowestBodies(watched: ReadonlyMap<Socket, Watched>, maxBytes: number): void {
  const unfinished: (readonly [Socket, Watched])[] = []
  let bytes = 0
  for (const [socket, state] of watched) {
    const { request } = state
    if (!request || request.complete || state.isReleased) continue
    if (state.requestChecks++ === 0) continue
    unfinished.push([socket, state])
    bytes += socket.bytesRead - state.bytesBefore
  }
  if (bytes <= maxBytes) return
  unfinished.sort(([, a], [, b]) => b.requestChecks - a.requestChecks)
  for (const [socket, state] of unfinished) {
    if (bytes <= maxBytes) return
    bytes -= socket.bytesRead - state.bytesBefore
    socket.destroy()
  }
}
