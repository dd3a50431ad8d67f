import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Handles one request of a server of Node. */
export type RequestListener = (incoming: IncomingMessage, outgoing: ServerResponse) => unknown

interface Lane {
  isBusy: boolean
  readonly waiting: (readonly [IncomingMessage, ServerResponse])[]
}

/**
 * Handles the requests of a connection one after the other. Node handles pipelined requests at once and stores their
 * answers, without a bound, until the client reads. Here a request starts when the answer before it has left for the
 * operating system. A connection with more than `maxPipelined` waiting requests ends.
 */
export function limitPipelining(listener: RequestListener, maxPipelined: number): RequestListener {
  const lanes = new WeakMap<Socket, Lane>()

  function run(lane: Lane, incoming: IncomingMessage, outgoing: ServerResponse): void {
    lane.isBusy = true
    outgoing.once('close', () => {
      lane.isBusy = false
      const next = lane.waiting.shift()
      if (next && !incoming.socket.destroyed) run(lane, ...next)
    })
    void listener(incoming, outgoing)
  }

  return (incoming, outgoing) => {
    const { socket } = incoming
    let lane = lanes.get(socket)
    if (!lane) lanes.set(socket, (lane = { isBusy: false, waiting: [] }))
    if (!lane.isBusy) run(lane, incoming, outgoing)
    else if (lane.waiting.length < maxPipelined) lane.waiting.push([incoming, outgoing])
    else socket.destroy()
  }
}
