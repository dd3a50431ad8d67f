import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFile } from 'node:fs/promises'
import { text as readText } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import {
  argumentsFor,
  timeoutMs,
  runImport,
  writeLog,
  readCounts,
  from,
  log,
  zone,
  expectExact,
  undo,
  killImportAfter,
} from './import-harness.ts'

/** Cases of `import.test.ts` that take longer. */

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

describe('tidemark import: a log of four months', () => {
  it(
    'counts the new lines of a log that has grown, and leaves an incomplete line',
    { timeout: timeoutMs },
    async () => {
      const text = log.lines.join('')
      // Cuts in the first lines, in the middle of a line, at the end of a line, and at the end of the log.
      const cuts = [log.lines.slice(0, 4).join('').length, Math.floor(text.length * 0.6) + 20]
      cuts.push(text.indexOf('\n', Math.floor(text.length * 0.9)) + 1, text.length)
      const file = await writeLog('access.log', [])
      let before = 0
      for (const cut of cuts) {
        await appendFile(file, text.slice(before, cut))
        const { code, result } = await runImport(file, zone)
        const hasUnfinishedLine = text[cut - 1] !== '\n'
        expect({ code, ...result }).toMatchObject({ code: 0, hasUnfinishedLine })
        before = cut
      }
      await expectExact()
    },
  )

  it('recognizes the visitors of a day that is in two logs', { timeout: timeoutMs }, async () => {
    const cuts = [0, 1800, 3300, log.lines.length]
    const parts = cuts.slice(1).map((end, i) => log.lines.slice(cuts[i], end))
    const files = await Promise.all(parts.map((lines, i) => writeLog(`access.log.${i}`, lines)))
    // The newest log first.
    for (const file of files.toReversed()) {
      expect(await runImport(file, zone)).toMatchObject({
        code: 0,
        result: { alreadyImportedLines: 0 },
      })
    }
    await expectExact()
  })

  it('counts once after it is killed and started again', { timeout: timeoutMs }, async () => {
    const text = log.lines.join('')
    await killImportAfter(text.slice(0, Math.floor(text.length * 0.97)), zone)
    const { code, result } = await runImport('-', zone, Buffer.from(text))
    const skipped = Number(result['alreadyImportedLines'])
    expect(code).toBe(0)
    expect(skipped).toBeGreaterThan(1000)
    expect(skipped).toBeLessThan(log.lines.length)
    await expectExact()
  })

  // Only Linux has a command that limits the size of a process's files.
  it.skipIf(!hasPrlimit)(
    'reports a full disk, and counts once when there is space again (needs prlimit)',
    { timeout: timeoutMs },
    async () => {
      const text = log.lines.join('')
      const words = ['--fsize=400000', process.execPath, ...argumentsFor('-', zone)]
      const child = spawn('prlimit', words, { stdio: ['pipe', 'pipe', 'pipe'] })
      const [output, errors] = [readText(child.stdout), readText(child.stderr)]
      const exit = once(child, 'exit')
      child.stdin.on('error', () => {})
      child.stdin.end(text)
      expect(await exit).toEqual([1, null])
      const first = JSON.parse(await output) as { accepted: number; failure: unknown }
      expect(first.failure).toMatchObject({ code: 'data_unavailable' })
      expect(first.accepted).toBeLessThan(log.views.length)
      expect(await errors).toContain('could not be written')
      expect(await runImport('-', zone, Buffer.from(text))).toMatchObject({ code: 0 })
      await expectExact()
    },
  )

  it('takes back a killed import, and counts it anew', { timeout: timeoutMs }, async () => {
    const text = log.lines.join('')
    await killImportAfter(text.slice(0, Math.floor(text.length * 0.97)), zone)
    const { code } = await undo()
    expect(code).toBe(0)
    expect((await readCounts('day', from, Date.now(), 'Asia/Kathmandu')).size).toBe(0)
    const { result } = await runImport('-', zone, Buffer.from(text))
    const pageViews = log.views.length + log.bots.length
    expect(result).toMatchObject({ alreadyImportedLines: 0, accepted: pageViews })
  })
})
