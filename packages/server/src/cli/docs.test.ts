import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { classifyRequest, isPageTarget } from '../access-log/classify.ts'
import { lineErrors } from '../access-log/entry.ts'
import { parseLogLine } from '../access-log/parse-line.ts'
import { type Tidemark, createTidemark } from '../index.ts'
import { runCli } from './program.ts'

/** What docs/replay.md says is what the code does. */
const doc = await readFile(new URL('../../../../docs/replay.md', import.meta.url), 'utf8')

function blocksOf(language: string): string[] {
  const blocks = doc.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))
  return [...blocks].flatMap(([, text = '']) => text.trim().split('\n'))
}

describe('docs/replay.md', () => {
  const line = '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A"\n'
  let directory = ''
  let server: Tidemark
  let api = ''
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidemark-docs-'))
    await writeFile(join(directory, 'access.log'), line)
    server = createTidemark({ sites: ['demo'] })
    api = `${(await server.listen({ port: 0 })).url}/api`
  })
  afterAll(async () => {
    await server.close()
    await rm(directory, { recursive: true })
  })

  const commands = blocksOf('sh')
  it.each(commands)('shows a command that runs: %s', async command => {
    const [, words = ''] = /tidemark (replay .*)$/.exec(command) ?? []
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString()
    const given = words.replace(/"\$\(date .*?\)"/, hourAgo).split(' ')
    const files = given.map(word => (word === 'access.log' ? join(directory, word) : word))
    const stdin = Readable.from([Buffer.from(line)])
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const { signal } = new AbortController()
    const context = { command: 'tidemark', stdin, stdout, stderr, signal }
    const code = await runCli([...files, '--url', api], context)
    expect({ code, said: stderr.read() }).toEqual({ code: 0, said: null })
  })

  it.each(blocksOf('text'))('shows a line that is a page view: %s', text => {
    const parsed = parseLogLine(text)
    expect(parsed.ok && classifyRequest(parsed.entry)).toBe('page_view')
  })

  it('lists each reason why a line may not parse', () => {
    const listed = [...doc.matchAll(/^\| `([a-z]+_[a-z_]+)` +\|/gm)].map(([, code]) => code)
    expect(listed).toEqual(Object.keys(lineErrors))
  })

  it('lists the extensions of pages', () => {
    const [, list = ''] = /one of a page \(`([^`]+)`\)/.exec(doc) ?? []
    const extensions = list.split(/\s+/)
    expect(extensions.length).toBeGreaterThan(10)
    for (const extension of extensions) expect(isPageTarget(`/a.${extension}`)).toBe(true)
  })
})
