import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { flagOf } from '../../packages/server/src/cli/flag-values.ts'
import { serveLeaves } from '../../packages/server/src/cli/load-config.ts'
import { runCli } from '../../packages/server/src/cli/program.ts'
import { createTemporaryDirectory } from '../faults/server-process.ts'
import { readPage } from './page.ts'

const page = await readPage('docs/configuration.md')

describe('docs/configuration.md', () => {
  it('lists every field with its variable, flag and default', () => {
    const code = (name: string | undefined): string => (name === undefined ? 'none' : `\`${name}\``)
    const fields = serveLeaves.map(({ path, variable, info }) => [
      ...[code(path), code(variable), code(flagOf(path))],
      String(info.fallback ?? 'none'),
    ])
    expect(fields.length).toBeGreaterThan(30)
    expect(page.tableAfter('## Fields')).toEqual(fields)
  })

  it('has the example that the types accept, and that `tidemark check` accepts', async () => {
    const [example = ''] = page.blocks('ts')
    const file = readFileSync(join(import.meta.dirname, 'examples/tidemark.config.ts'), 'utf8')
    expect(`${example}\n`).toBe(file)
    const cwd = createTemporaryDirectory()
    writeFileSync(join(cwd, 'token-secret'), 'x'.repeat(40))
    // The package is not installed beside this copy.
    const copy = file.replace(
      /^import .*\n/,
      'const defineConfig = <Config>(config: Config) => config\n',
    )
    writeFileSync(join(cwd, 'tidemark.config.ts'), copy)
    const stdout = new PassThrough()
    const { signal } = new AbortController()
    const io = { stdin: Readable.from([]), stdout, stderr: stdout, signal }
    expect(await runCli(['check', '--port', '0'], { command: 'tidemark', cwd, ...io })).toBe(0)
    expect(await text(stdout.end())).toContain('The configuration is valid.')
  })
})
