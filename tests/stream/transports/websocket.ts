import {
  type StateAtCursor,
  type Selection,
  type ServerMessage,
  formatCursor,
  subprotocol,
} from '@tidemark/protocol'
import { WebSocket } from 'ws'
import { type OpenReader, createLedger, takeMessage } from './reader.ts'

export const openWebSocketReader: OpenReader = reading => {
  const ledger = createLedger(reading)
  const socket = new WebSocket(`${reading.siteUrl.replace('http', 'ws')}/realtime/ws`, [
    subprotocol,
  ])
  let subscription = 0
  let isSubscribed = false

  function subscribe(): void {
    const { channels, minutes } = ledger.selection
    const since = ledger.mark && { since: formatCursor(ledger.mark.cursor) }
    isSubscribed = false
    socket.send(JSON.stringify({ type: 'sub', id: ++subscription, channels, minutes, ...since }))
  }

  socket.on('open', subscribe)
  socket.on('message', data => {
    const message = JSON.parse((data as Buffer).toString()) as ServerMessage
    if (message.type === 'ping') socket.send('{"type":"pong"}')
    if (message.type === 'ok' || message.type === 'snap') isSubscribed = message.id === subscription
    // Until a subscription is answered frames are of the one before; its reset comes before its snapshot.
    if (isSubscribed || message.type === 'reset') takeMessage(ledger, reading, message, subscribe)
  })
  socket.on('error', error => ledger.violations.push(error.message))
  return Object.assign(ledger, {
    select(selection: Selection, from?: StateAtCursor) {
      ledger.begin(selection, from)
      if (socket.readyState === WebSocket.OPEN) subscribe()
    },
    close: () => socket.terminate(),
  })
}
