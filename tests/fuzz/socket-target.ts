import { once } from 'node:events'
import { closeCodes } from '@tidemark/protocol'
import { createTidemark } from '@tidemark/server'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { FuzzTarget } from './fuzz-target.ts'

const allowedCodes: ReadonlySet<number> = new Set([...Object.values(closeCodes), 1007, 1009])

/** Opens a server, and sends it texts over a WebSocket. A valid subscription after each text shows that it is alive. */
export async function openSocketTarget(): Promise<FuzzTarget> {
  const tidemark = createTidemark()
  onTestFinished(() => tidemark.close())
  const { url } = await tidemark.listen({ port: 0 })
  const address = `${url.replace('http:', 'ws:')}/api/sites/shop/realtime/ws`
  let socket: WebSocket | undefined
  let nextId = 1_000_000
  onTestFinished(() => socket?.terminate())

  async function open(): Promise<WebSocket> {
    const opened = new WebSocket(address, 'tidemark.v1')
    await once(opened, 'open')
    return opened
  }

  return {
    valid: [
      '{"type":"sub","id":1,"channels":["currentVisitors","activePages"],"minutes":5}',
      '{"type":"sub","id":2,"channels":["pageVisitors"],"paths":["/a"],"since":"1.1"}',
      '{"type":"sub","id":3,"channels":["properties"],"properties":[{"event":"a","property":"b"}]}',
      '{"type":"auth","token":"a.b.c"}',
      '{"type":"pong"}',
    ],
    async parse(text) {
      if (socket?.readyState !== WebSocket.OPEN) socket = await open()
      const current = socket
      const id = nextId++
      const alive = new Promise<boolean>((resolve, reject) => {
        current.on('message', data => {
          if (String(data).includes(`"id":${id}`)) resolve(true)
        })
        current.once('close', code => {
          if (allowedCodes.has(code)) resolve(false)
          else reject(new Error(`Closed with ${code}.`))
        })
      })
      current.send(text)
      current.send(JSON.stringify({ type: 'sub', id, channels: ['currentVisitors'] }))
      const isAlive = await alive
      current.removeAllListeners('message').removeAllListeners('close')
      return isAlive
    },
  }
}
