import {
  type StateAtCursor,
  type Selection,
  type ServerMessage,
  formatCursor,
  subprotocol,
} from '@tidemark/protocol'
import { WebSocket } from 'ws'
import { type OpenReader, createReaderState, applyMessage } from './reader.ts'

export const openWebSocketReader: OpenReader = options => {
  const state = createReaderState(options)
  const socket = new WebSocket(`${options.siteUrl.replace('http', 'ws')}/realtime/ws`, [
    subprotocol,
  ])
  let subscription = 0
  let isSubscribed = false

  function subscribe(): void {
    const { selection } = state
    const since = state.position && { since: formatCursor(state.position.cursor) }
    isSubscribed = false
    socket.send(JSON.stringify({ type: 'sub', id: ++subscription, ...selection, ...since }))
  }

  socket.on('open', subscribe)
  socket.on('message', data => {
    const message = JSON.parse((data as Buffer).toString()) as ServerMessage
    if (message.type === 'ping') socket.send('{"type":"pong"}')
    if (message.type === 'ok' || message.type === 'snap') isSubscribed = message.id === subscription
    // Frames before the answer to `sub` belong to the previous subscription. A reset precedes the snapshot.
    if (isSubscribed || message.type === 'reset') applyMessage(state, options, message, subscribe)
  })
  socket.on('error', error => state.violations.push(error.message))
  return Object.assign(state, {
    select(selection: Selection, position?: StateAtCursor) {
      state.changeSelection(selection, position)
      if (socket.readyState === WebSocket.OPEN) subscribe()
    },
    close: () => socket.terminate(),
  })
}
