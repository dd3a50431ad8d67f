import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'

const cli = join(import.meta.dirname, '../cli.ts')

// The start from the sources takes long on a busy machine.
const timeoutMs = 60_000

/** Starts `tidemark serve` in a directory. */
async function serve(cwd: string): Promise<{
  child: ChildProcess
  url: string
  nextError(): Promise<string>
  rest(): Promise<string>
}> {
  const words = ['--disable-warning=ExperimentalWarning', cli, 'serve', '--port', '0']
  const child = spawn(process.execPath, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const errors = createInterface({ input: child.stderr })[Symbol.asyncIterator]()
  const [first] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const [, url = ''] = /(http:\S+)/.exec(first) ?? []
  /** Resolves with the message of the next line about the configuration. A busy machine has slow turns, too. */
  async function nextError(): Promise<string> {
    for (;;) {
      const { kind, msg } = JSON.parse(String((await errors.next()).value))
      if (/^(?:configuration|reload|restart)/.test(kind)) return msg
    }
  }
  async function rest(): Promise<string> {
    const lines: string[] = []
    for (;;) {
      const { value, done } = await errors.next()
      if (done) return lines.join('\n')
      lines.push(value)
    }
  }
  return { child, url, nextError, rest }
}

describe.skipIf(process.platform === 'win32')('tidemark serve', () => {
  it(
    'reloads its configuration file at SIGHUP, and refuses an invalid one as a whole',
    async () => {
      const cwd = makeDirectory()
      const path = join(cwd, 'tidemark.config.ts')
      const configure = (fields: string): void =>
        writeFileSync(path, `export default { storage: { dataDir: 'data' }, ${fields} }`)
      configure(`sites: ['shop', 'blog']`)
      const { child, url, nextError } = await serve(cwd)
      const statusOf = async (site: string): Promise<number> =>
        (await fetch(`${url}/api/sites/${site}/realtime`)).status
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/sites/shop/realtime/ws`)
      const closed = once(socket, 'close')
      await once(socket, 'open')

      configure(`sites: ['news'], history: { timeZone: 'Mars/Base' }, goals: 5`)
      child.kill('SIGHUP')
      expect([await nextError(), await nextError(), await nextError()]).toEqual([
        'tidemark.config.ts: goals: 5 is not a list of goals; for example ' +
          "[{ name: 'Bought', event: 'purchase' }].",
        expect.stringContaining("history.timeZone: 'Mars/Base' is not an IANA time zone"),
        expect.stringContaining('not reloaded. The previous one stays in force.'),
      ])
      expect([await statusOf('shop'), await statusOf('news')]).toEqual([200, 404])

      configure(`sites: ['news', 'blog'], drainMs: 5000, connections: { maxPerSite: 5 }`)
      child.kill('SIGHUP')
      expect([await nextError(), await nextError()]).toEqual([
        'The configuration was reloaded.',
        'Restart the server to apply: drainMs, connections.maxPerSite.',
      ])
      expect([await statusOf('shop'), await statusOf('news')]).toEqual([404, 200])
      expect((await closed)[0]).toMatchObject({ code: 4401 })
      child.kill('SIGTERM')
      expect(await once(child, 'exit')).toEqual([0, null])
    },
    timeoutMs,
  )

  it(
    'drains at SIGTERM: /ready answers 503, readers get 4503, and a request under way is accepted',
    async () => {
      const cwd = makeDirectory()
      writeFileSync(join(cwd, 'tidemark.config.json'), '{ "drainDelayMs": 1000 }')
      const { child, url } = await serve(cwd)
      const exited = once(child, 'exit')
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/sites/shop/realtime/ws`)
      const closed = once(socket, 'close')
      await once(socket, 'open')
      const event = JSON.stringify({ name: 'page_view', url: 'https://shop.example/' })
      const sending = request(`${url}/api/sites/shop/events`, { method: 'POST' })
      const answered = once(sending, 'response')
      sending.write(event.slice(0, 5))

      child.kill('SIGTERM')
      while ((await fetch(`${url}/ready`)).status !== 503);
      expect((await fetch(`${url}/api/sites/shop/realtime`)).status).toBe(200)
      expect((await closed)[0]).toMatchObject({ code: 4503 })
      sending.end(event.slice(5))
      expect((await answered)[0]).toMatchObject({ statusCode: 202 })
      expect(await exited).toEqual([0, null])
    },
    timeoutMs,
  )

  it(
    'ends with 1 and a line when the checkpoint is not stored within drainMs',
    async () => {
      const cwd = makeDirectory()
      writeFileSync(join(cwd, 'tidemark.config.json'), '{ "drainMs": 1 }')
      const { child, rest } = await serve(cwd)
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      expect(await exited).toEqual([1, null])
      expect(await rest()).toMatch(/"kind":"drain_timeout".*within drainMs/)
    },
    timeoutMs,
  )

  it(
    'stops at once at a second signal, with a line and an exit code that is not 0',
    async () => {
      const cwd = makeDirectory()
      writeFileSync(join(cwd, 'tidemark.config.json'), '{ "drainDelayMs": 9000 }')
      const { child, url, rest } = await serve(cwd)
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      while ((await fetch(`${url}/ready`)).status !== 503);
      child.kill('SIGINT')
      expect(await exited).toEqual([130, null])
      expect(await rest()).toContain('tidemark: Stopped at once by a second SIGINT.')
    },
    timeoutMs,
  )
})
