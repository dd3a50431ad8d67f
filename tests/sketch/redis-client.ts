import { once } from 'node:events'
import { type Socket, connect } from 'node:net'

export type Reply = number | string | null | Error | Reply[]

/** A minimal client of RESP, the protocol of Redis: one command at a time. */
export interface RedisClient {
  /** Sends a command. @throws {Error} with the error message of Redis */
  send(...command: string[]): Promise<Reply>
  close(): void
}

export async function connectRedis(socketPath: string): Promise<RedisClient> {
  const socket = connect(socketPath)
  await once(socket, 'connect')
  return {
    async send(...command) {
      const parts = command.map(part => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
      socket.write(`*${command.length}\r\n${parts.join('')}`)
      const reply = await receive(socket)
      if (reply instanceof Error) throw reply
      return reply
    },
    close: () => socket.destroy(),
  }
}

async function receive(socket: Socket): Promise<Reply> {
  const chunks: Buffer[] = []
  while (true) {
    const [chunk] = await once(socket, 'data')
    chunks.push(chunk)
    const parsed = parse(Buffer.concat(chunks), 0)
    if (parsed) return parsed.reply
  }
}

interface Parsed {
  reply: Reply
  end: number
}

/** Parses the reply that begins at `start`. @returns `undefined` when the reply is incomplete */
function parse(buffer: Buffer, start: number): Parsed | undefined {
  const lineEnd = buffer.indexOf('\r\n', start)
  if (lineEnd === -1) return undefined
  const kind = String.fromCharCode(buffer[start] ?? 0)
  const line = buffer.toString('utf8', start + 1, lineEnd)
  const end = lineEnd + 2
  if (kind === '-') return { reply: new Error(line), end }
  if (kind === ':') return { reply: Number(line), end }
  if (kind === '*') return parseList(buffer, end, Number(line))
  if (kind !== '$') return { reply: line, end }
  const length = Number(line)
  if (length === -1) return { reply: null, end }
  if (buffer.length < end + length + 2) return undefined
  return { reply: buffer.toString('utf8', end, end + length), end: end + length + 2 }
}

function parseList(buffer: Buffer, start: number, length: number): Parsed | undefined {
  const reply: Reply[] = []
  let end = start
  while (reply.length < length) {
    const parsed = parse(buffer, end)
    if (!parsed) return undefined
    reply.push(parsed.reply)
    end = parsed.end
  }
  return { reply, end }
}
