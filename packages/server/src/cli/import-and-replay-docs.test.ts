import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { classifyRequest, isPageTarget } from '../access-log/classify.ts'
import { lineErrors } from '../access-log/format/entry.ts'
import { presetNames } from '../access-log/format/presets.ts'
import { prefixNames } from '../access-log/prefix.ts'
import { recognizeFormat } from '../access-log/recognize.ts'
import { type Tidemark, createTidemark } from '../index.ts'
import { makeDirectory } from '../testing/directory.ts'
import { runCli } from './program.ts'

const page = new URL('../../../../docs/import-and-replay.md', import.meta.url)
const doc = readFileSync(page, 'utf8')

function blocksOf(language: string): string[] {
  const blocks = doc.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))
  return [...blocks].flatMap(([, text = '']) => text.trim().split('\n'))
}

const commands = blocksOf('sh')
const commandsOf = (name: string): string[] =>
  commands.filter(command => command.includes(`tidemark ${name} `))

const line = '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "A"\n'

async function run(words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const stdin = Readable.from([Buffer.from(line)])
  const { signal } = new AbortController()
  const code = await runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
  return { code, out: String(stdout.read()), err: String(stderr.read()) }
}

/** Returns the arguments of `tidemark` in a shell command, with real files in place of the log and the configuration. */
function wordsOf(command: string, directory: string): string[] {
  const file = join(directory, 'access.log')
  writeFileSync(file, line)
  const config = join(directory, 'tidemark.config.json')
  writeFileSync(config, '{ "sites": ["shop"] }')
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString()
  const [, words = ''] = /tidemark ((?:import|replay) .*)$/.exec(command) ?? []
  return (
    words
      .replace(/"\$\(date .*?\)"/, hourAgo)
      .match(/'[^']*'|\S+/g)
      ?.map(word => word.replace(/^'(.*)'$/, '$1'))
      .map(word => [file, config].find(path => path === join(directory, word)) ?? word) ?? []
  )
}

/** The format is printed, unless the summary is JSON and has it. */
const expectedErr = (words: readonly string[]): unknown =>
  words.includes('--json')
    ? 'null'
    : expect.stringMatching(/^Format: .*\n {2}client +192\.0\.2\.7\n/)

/** Returns the names in the first column of the first table after a heading. */
function namesIn(heading: string): (string | undefined)[] {
  const [, section = ''] = doc.split(new RegExp(`^#+ ${heading}$`, 'm'))
  const [table = ''] = /^\|.*?(?=\n\n)/ms.exec(section) ?? []
  return [...table.matchAll(/^\| `([a-z_-]+\d?[a-z]*)`/gm)].map(([, name]) => name)
}

/** Returns the options in the first column of the table after a heading. */
function optionsAfter(heading: string): (string | undefined)[] {
  const [, section = ''] = doc.split(`\n${heading}\n`)
  const [table = ''] = /^\|.*?(?=\n\n)/ms.exec(section) ?? []
  return [...table.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, name]) => name)
}

describe('docs/import-and-replay.md', () => {
  let server: Tidemark
  let api = ''
  beforeAll(async () => {
    server = createTidemark({ sites: ['demo'] })
    api = `${(await server.listen({ port: 0 })).url}/api`
  })
  afterAll(() => server.close())

  it('has a test for each shell command', () => {
    expect([...commandsOf('import'), ...commandsOf('replay')].toSorted()).toEqual(
      commands.toSorted(),
    )
    expect(Math.min(commandsOf('import').length, commandsOf('replay').length)).toBeGreaterThan(2)
  })

  it.each(commandsOf('import'))('shows an import that runs: %s', async command => {
    const directory = makeDirectory()
    const words = wordsOf(command, directory)
    const { code, err } = await run([...words, '--data', join(directory, 'data')])
    expect({ code, err }).toEqual({ code: 0, err: expectedErr(words) })
  })

  it.each(commandsOf('replay'))('shows a replay that runs: %s', async command => {
    const words = wordsOf(command, makeDirectory())
    const { code, err } = await run([...words, '--url', api])
    expect({ code, err }).toEqual({ code: 0, err: expectedErr(words) })
  })

  it.each(['import', 'replay'])('lists each option of tidemark %s', async name => {
    const { out } = await run([name, '--help'])
    const options = [...out.matchAll(/^ +(--[a-z-]+)/gm)].map(([, option]) => option)
    expect(options.length).toBeGreaterThan(4)
    expect(optionsAfter(`### Options of \`tidemark ${name}\``)).toEqual(options)
  })

  it.each(blocksOf('text'))('shows a log line of a page view: %s', text => {
    const format = recognizeFormat([{ number: 1, text, endByte: 0 }])
    expect(format && classifyRequest(format.example.entry)).toBe('page_view')
  })

  it('lists each parse error', () => {
    expect(namesIn('Lines that do not parse')).toEqual(Object.keys(lineErrors))
  })

  it('lists each preset and each prefix', () => {
    expect(new Set(namesIn('Log format'))).toEqual(new Set(presetNames))
    expect(namesIn('Prefixes of collectors')).toEqual(prefixNames)
  })

  it('lists the file extensions of pages', () => {
    const [, list = ''] = /extensions of pages are `([^`]+)`/.exec(doc) ?? []
    const extensions = list.split(/\s+/)
    expect(extensions.length).toBeGreaterThan(10)
    for (const extension of extensions) expect(isPageTarget(`/a.${extension}`)).toBe(true)
  })
})
