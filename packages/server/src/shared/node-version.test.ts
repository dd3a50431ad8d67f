import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { explainNode } from './node-version.ts'

it.each([
  ['20.20.2', false],
  ['22.5.1', false],
  ['22.15.0', false],
  ['22.16.0', true],
  ['23.11.0', false],
  ['24.0.0', true],
  ['26.1.0', true],
])('explainNode: tells whether Node %s can run the server', (version, isEnough) => {
  const reason = explainNode(version)
  if (isEnough) expect(reason).toBeUndefined()
  else
    expect(reason).toContain(
      `needs Node 22.16 or newer; Node 24 is recommended. This is Node ${version}.`,
    )
})

it('Import of the package: names the needed Node in one without node:sqlite', async () => {
  const entry = pathToFileURL(join(import.meta.dirname, '../index.ts')).href
  const code = `import(${JSON.stringify(entry)}).catch(({ message }) => console.log(message))`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--no-experimental-sqlite',
    ...['-e', code],
  ])
  expect(stdout).toMatch(/^Tidemark needs node:sqlite, .* This is Node \d/)
})
