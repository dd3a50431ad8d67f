import { PassThrough, Readable } from 'node:stream'
import { expect, it } from 'vitest'
import type { ReadBuiltFile } from '../script/built-files.ts'
import { createScriptVersion } from '../script/script-version.ts'
import { runCli } from './program.ts'

const readFile: ReadBuiltFile = name => Promise.resolve(`/* ${name} */`)

async function tidemark(words: readonly string[], readBuilt: ReadBuiltFile = readFile) {
  const printed = { stdout: '', stderr: '' }
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  stdout.on('data', (chunk: Buffer) => (printed.stdout += chunk.toString()))
  stderr.on('data', (chunk: Buffer) => (printed.stderr += chunk.toString()))
  const { signal } = new AbortController()
  const stdin = Readable.from([])
  const context = { command: 'tidemark', stdin, stdout, stderr, signal, readBuilt }
  const code = await runCli(words, context)
  return { code, ...printed }
}

it.each([
  ['https://stats.example', 'https://stats.example'],
  ['https://shop.example/api/', 'https://shop.example/api'],
])('tidemark tag: prints the script tag of a server at %s', async (url, directory) => {
  const { version, integrity } = createScriptVersion('/* tidemark.js */', '/* tidemark.extra.js */')
  expect(await tidemark(['tag', '--site', 'shop', '--url', url])).toEqual({
    code: 0,
    stdout: `<script defer src="${directory}/tidemark.${version}.js" data-site="shop" integrity="${integrity}" crossorigin></script>\n`,
    stderr: '',
  })
})

it('tidemark tag: says how to build the tracker', async () => {
  const words = ['tag', '--site', 'shop', '--url', 'https://stats.example']
  const missing: ReadBuiltFile = () => Promise.reject(new Error('ENOENT'))
  const { code, stdout, stderr } = await tidemark(words, missing)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('Build it with `npx -y pnpm@12 --filter @tidemark/sdk build`.')
})

it.each([
  [['--site', 'shop'], '--url'],
  [['--url', 'https://stats.example'], '--site'],
  [['--site', 'a b', '--url', 'https://stats.example'], 'a b'],
  [['--site', 'shop', '--url', 'stats.example'], 'stats.example'],
])('tidemark tag: refuses %j', async (words, named) => {
  const { code, stdout, stderr } = await tidemark(['tag', ...words])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(named)
})
