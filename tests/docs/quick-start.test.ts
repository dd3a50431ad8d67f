import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { build } from 'vite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCli } from '../../packages/server/src/cli/program.ts'
import { curlCommands } from './curl.ts'
import { readPage } from './page.ts'

const page = await readPage('docs/quick-start.md')
const root = join(import.meta.dirname, '../..')
const folder = join(import.meta.dirname, 'examples/quick-start')
const [serving = '', sending = '', installing = ''] = page.blocks('sh')

describe('docs/quick-start.md', () => {
  it('has the files of these tests as examples', () => {
    const blocks = ['html', 'vue', 'js'].flatMap(page.blocks).map(block => `${block}\n`)
    const files = ['index.html', 'App.vue', 'main.js', 'vite.config.mjs']
    expect(blocks).toEqual(files.map(name => readFileSync(join(folder, name), 'utf8')))
  })

  it('builds and installs packages that exist', () => {
    const nameIn = (path: string): unknown =>
      JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).name
    expect(serving).toContain(`--filter ${String(nameIn('packages/sdk'))} build`)
    expect(installing).toContain('file:../tidemark/packages/widgets')
    expect(nameIn('packages/widgets')).toBe('@tidemark/widgets')
  })

  it('has commands that start a server, send an event and read it', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'tidemark-docs-'))
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
    const [, words = ''] = /pnpm@12 tidemark (serve .*)/.exec(serving) ?? []
    const interruption = new AbortController()
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const { signal } = interruption
    const context = { command: 'tidemark', stdin: Readable.from([]), stdout, stderr, signal }
    const running = runCli([...words.split(' '), '--port', '0', '--data', dataDir], context)
    const [url = ''] = /http:\/\/\S+:\d+/.exec(String((await once(stdout, 'data'))[0])) ?? []

    const [send = '', read = ''] = curlCommands(sending).map(command =>
      command.replace('http://127.0.0.1:4711', url),
    )
    const [, body = ''] = /-d '(.*)'/.exec(send) ?? []
    const addressIn = (command: string): string => /http:[^\s"]+/.exec(command)?.[0] ?? ''
    const answer = await fetch(addressIn(send), { method: 'POST', body })
    expect(answer.status).toBe(202)
    const state = await (await fetch(addressIn(read))).json()
    interruption.abort()
    expect(await running).toBe(0)
    expect(state).toMatchObject({
      currentVisitors: 1,
      activePages: [{ path: '/hello', visitors: 1 }],
    })
  })

  it('has a page that Vite builds', async () => {
    const result = await build({
      root: folder,
      configFile: join(folder, 'vite.config.mjs'),
      logLevel: 'error',
      build: { write: false },
    })
    const outputs = [result].flat().flatMap(each => ('output' in each ? each.output : []))
    const names = outputs.map(({ fileName }) => fileName.replace(/^.*\./, ''))
    expect(new Set(names)).toEqual(new Set(['html', 'css', 'js']))
  })
})
