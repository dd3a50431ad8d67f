import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { runCli } from '../../packages/server/src/cli/program.ts'
import { root } from '../../scripts/run.ts'
import { createTemporaryDirectory, startServer } from '../faults/server-process.ts'
import { namesIn, readPage } from './page.ts'

const page = await readPage('docs/deploying.md')
const readFile = (path: string): string => readFileSync(join(root, path), 'utf8')

async function run(words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  const code = await runCli(words, { command: 'tidemark', stdin, stdout, stderr, signal })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

/** The commands of all shell blocks. */
const commands = page.blocks('sh').flatMap(block => block.split('\n'))

/** Returns the words of the first command that starts with a text. */
function wordsOf(start: string): string[] {
  const command = commands.find(each => each.startsWith(start))
  if (command === undefined) throw new Error(`docs/deploying.md has no command ${start}.`)
  return command.split(' ').slice(1)
}

it('docs/deploying.md: shows the files of deploy/ as they are', () => {
  const shown = [...page.text.matchAll(/<!-- file: (\S+) -->\n+```\w+\n([^]*?)```/g)]
  expect(shown.map(([, path]) => path)).toEqual([
    'deploy/Caddyfile',
    'deploy/systemd/tidemark.service',
    'deploy/nginx/tidemark.conf',
  ])
  for (const [, path = '', text] of shown) expect([path, text]).toEqual([path, readFile(path)])
  const blocks = page.text.match(/^```\w+$/gm)?.map(each => each.slice(3))
  const checked = ['caddyfile', 'crontab', 'ini', 'nginx', 'sh']
  expect([...new Set(blocks)].toSorted()).toEqual(checked)
})

it('docs/deploying.md: shows parts of the cached configuration of nginx', () => {
  const [site = '', ...parts] = page.blocks('nginx')
  expect(parts).toHaveLength(2)
  const withoutSpace = (text: string): string => text.replaceAll(/^ +/gm, '')
  const cached = withoutSpace(readFile('deploy/nginx/tidemark-public.conf'))
  for (const part of parts) expect(cached).toContain(withoutSpace(part))
  // Both files are the same otherwise.
  const rest = parts.reduce((text, part) => text.replace(withoutSpace(part), ''), cached)
  const linesOf = (text: string): string[] =>
    withoutSpace(text)
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('# '))
  expect(linesOf(rest)).toEqual(linesOf(site))
})

it('docs/deploying.md: names files, units and services that exist', () => {
  const units = readdirSync(join(root, 'deploy/systemd'))
  for (const [, unit = ''] of page.text.matchAll(/\b(tidemark[\w-]*\.(?:service|timer))\b/g)) {
    expect(units).toContain(unit)
  }
  const composed = commands.filter(each => each.startsWith('docker compose'))
  expect(composed.length).toBeGreaterThan(3)
  for (const command of composed) {
    expect(command).toMatch(
      /^docker compose --file deploy\/compose\.yaml (?:up (?:--build )?--detach|build --pull|exec tidemark tidemark \w+ .*)$/,
    )
  }
  const [cron = ''] = page.blocks('crontab')
  expect(cron.split(/\s+/).slice(7)).toEqual(wordsOf('tidemark backup'))
})

it('docs/deploying.md: describes every option of the backup', async () => {
  const { out } = await run(['backup', '--help'])
  const options = [...out.matchAll(/^ {2}(--\w+(?: <\w+>)?)/gm)].map(([, option]) => option)
  const rows = page.tableHeaded('option of `tidemark backup`')
  expect(namesIn(rows)).toEqual(options)
})

it('docs/deploying.md: the commands for backup and restore work', async () => {
  const directory = createTemporaryDirectory()
  const paths = { '/var/lib/tidemark': 'data', '/var/backups/tidemark/': 'b/', './drill': 'drill' }
  const place = (words: readonly string[]): string[] =>
    words.map(word => {
      const path = Object.entries(paths).find(([from]) => from === word)?.[1]
      return path === undefined ? word : `${directory}/${path}`
    })
  const { api } = await startServer(join(directory, 'data'))
  await fetch(`${api}/sites/my-site/events`, {
    method: 'POST',
    body: '{"name":"a","visitorId":"v"}',
  })
  expect(await run(place(wordsOf('tidemark backup')))).toMatchObject({ code: 0, err: '' })
  const restored = await run(place(wordsOf('tidemark restore')))
  expect([restored.code, restored.err, restored.out]).toEqual([
    ...[0, '', expect.stringContaining('1 event of 1 site')],
  ])
  const serve = place(wordsOf('tidemark serve'))
  const { recovery } = await startServer(serve[serve.indexOf('--data') + 1] ?? '')
  expect(recovery).toMatchObject({ lostWrites: 0, damagedParts: [] })
})
