import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
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
async function serve(
  cwd: string,
): Promise<{ child: ChildProcess; url: string; nextError(): Promise<string> }> {
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
  return { child, url, nextError }
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
})
