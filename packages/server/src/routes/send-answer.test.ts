import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../testing/clock.ts'
import { createAnswerSender, createJsonAnswer } from './send-answer.ts'

const headers = { Vary: 'Authorization' }

function request(encoding?: string): Request {
  const init = encoding === undefined ? {} : { headers: { 'Accept-Encoding': encoding } }
  return new Request('http://stats.example/', init)
}

describe('AnswerSender', () => {
  it.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
    ['identity', (bytes: Buffer) => bytes],
  ])('sends %s to a client that accepts it', async (encoding, decode) => {
    const text = JSON.stringify(Array.from({ length: 20_000 }, (_, index) => index))
    const answer = createJsonAnswer(Buffer.from(text))
    const response = await createAnswerSender(createManualClock()).send(
      answer,
      request(encoding),
      headers,
    )
    expect(response?.headers.get('Content-Encoding')).toBe(
      encoding === 'identity' ? null : encoding,
    )
    expect(response?.headers.get('Vary')).toBe('Authorization, Accept-Encoding')
    const bytes = Buffer.from((await response?.arrayBuffer()) ?? new ArrayBuffer(0))
    expect(response?.headers.get('Content-Length')).toBe(String(bytes.length))
    expect(decode(bytes).toString()).toBe(text)
  })

  it('sends a small answer without compression', async () => {
    const answer = createJsonAnswer(Buffer.from('{}'))
    const response = await createAnswerSender(createManualClock()).send(answer, request('br'), {})
    expect(response?.headers.get('Content-Encoding')).toBeNull()
    expect(await response?.text()).toBe('{}')
  })

  it('refuses answers while clients have too much to read, until they read or time out', async () => {
    const clock = createManualClock()
    const sender = createAnswerSender(clock)
    const send = () => sender.send(createJsonAnswer(Buffer.alloc(30 * 2 ** 20)), request(), {})
    const [first, second, third] = [await send(), await send(), await send()]
    expect(third).toBeUndefined()
    await first?.arrayBuffer()
    const fourth = await send()
    expect(fourth?.status).toBe(200)
    await fourth?.body?.cancel()
    const fifth = await send()
    clock.advance(30_000)
    await expect(second?.arrayBuffer()).rejects.toThrow('The client read nothing for 30000 ms.')
    await expect(fifth?.arrayBuffer()).rejects.toThrow('read nothing')
    expect(clock.pending).toBe(0)
    expect((await send())?.status).toBe(200)
  })

  it('holds bytes that several clients share once', async () => {
    const sender = createAnswerSender(createManualClock())
    const answer = createJsonAnswer(Buffer.alloc(40 * 2 ** 20))
    const responses = await Promise.all(
      Array.from({ length: 3 }, () => sender.send(answer, request(), {})),
    )
    expect(responses.map(response => response?.status)).toEqual([200, 200, 200])
  })
})
