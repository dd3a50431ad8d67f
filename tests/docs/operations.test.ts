import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { createTidemark } from '@tidemark/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { metrics, siteMetrics } from '../../packages/server/src/prometheus/metrics.ts'
import { warningKinds } from '../../packages/server/src/shared/server-warning.ts'
import { parseMetrics } from '../../packages/server/src/testing/prometheus.ts'
import { namesIn, readPage } from './page.ts'

const page = await readPage('docs/operations.md')
const example = join(import.meta.dirname, 'examples/logged.ts')

describe('docs/operations.md', () => {
  it('lists every metric with type, labels and meaning', async () => {
    const tidemark = createTidemark()
    onTestFinished(() => tidemark.close())
    const request = new Request('http://127.0.0.1/metrics')
    const answer = await tidemark.fetch(request, { address: '127.0.0.1' })
    const { types } = parseMetrics(await answer.text())
    const documented = page.tableHeaded('metric')
    const documentedTypes = documented.map(([name = '', type = '']) => [
      name.replaceAll('`', ''),
      type,
    ])
    expect(Object.fromEntries(documentedTypes)).toEqual(Object.fromEntries(types))
    const labelsOf = new Map<string, readonly string[]>([
      ...metrics.map(({ name, labels = [] }) => [name, labels] as const),
      ...siteMetrics.map(({ name, labels = [] }) => [name, ['site', ...labels]] as const),
    ])
    for (const [name = '', , listed = ''] of documented) {
      expect(namesIn([[listed]]), name).toEqual(labelsOf.get(name.replaceAll('`', '')) ?? [])
    }
  })

  it('lists every kind of line', () => {
    const documented = namesIn(page.tableAfter('## Log'))
    const reload = ['reload', 'configuration_invalid', 'reload_refused', 'restart_needed']
    const others = ['started', 'listening', 'stopped', 'refused', 'internal_error', 'slow_turn']
    expect(documented.toSorted()).toEqual(
      [...others, ...reload, 'drain_timeout', ...warningKinds].toSorted(),
    )
  })

  it('shows lines with documented kinds', () => {
    const [block = ''] = page.blocks('json')
    const documented = namesIn(page.tableAfter('## Log'))
    for (const line of block.split('\n')) {
      expect(documented).toContain((JSON.parse(line) as { kind: string }).kind)
    }
  })

  it('has a program that logs by pino', async () => {
    expect(`${page.blocks('ts')[0] ?? ''}\n`).toBe(readFileSync(example, 'utf8'))
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', example], {
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const kinds: unknown[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('Listening')) continue
      const { kind } = JSON.parse(line) as { kind: string }
      kinds.push(kind)
      // pino writes this line after the program has added its listener.
      if (kind === 'listening') child.kill('SIGTERM')
    }
    expect(kinds).toEqual(['started', 'listening', 'stopped'])
  })
})
