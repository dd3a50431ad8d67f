import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'

const cli = join(import.meta.dirname, '../cli.ts')

it.skipIf(process.platform === 'win32')(
  'tidemark serve: ignores SIGHUP with a line on standard error, and stops at SIGTERM',
  async () => {
    const words = ['--disable-warning=ExperimentalWarning', cli, 'serve', '--port', '0']
    const child = spawn(process.execPath, [...words, '--data', makeDirectory()], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [first] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const [, url = ''] = /(http:\S+)/.exec(first) ?? []
    const errors = createInterface({ input: child.stderr })[Symbol.asyncIterator]()
    for (let count = 0; count < 2; count++) {
      child.kill('SIGHUP')
      let line: string
      do line = String((await errors.next()).value)
      while (
        // A busy machine has slow turns, too.
        !line.includes('hangup_ignored')
      )
      expect(JSON.parse(line)).toMatchObject({
        level: 'warn',
        kind: 'hangup_ignored',
        msg: expect.stringMatching(/^SIGHUP is ignored: .*restart/),
      })
    }
    expect((await fetch(`${url}/api/health`)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  },
  // The start from the sources takes long on a busy machine.
  60_000,
)
