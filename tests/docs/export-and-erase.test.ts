import { PassThrough } from 'node:stream'
import { createTidemark } from '@tidemark/server'
import { expect, it, onTestFinished } from 'vitest'
import { runCli } from '../../packages/server/src/cli/program.ts'
import { curlCommands, runCurl } from './curl.ts'
import { namesIn, readPage } from './page.ts'

const { blocks, tableHeaded } = await readPage('docs/export-and-erase.md')
const commands = blocks('sh').flatMap(curlCommands)
const noon = Date.UTC(2026, 10, 22, 12)

it('docs/export-and-erase.md: shows the lines of its exports', async () => {
  const tidemark = createTidemark({ clock: { now: () => noon, after: () => () => {} } })
  onTestFinished(() => tidemark.close())
  const events = [
    ['v1', '/boots'],
    ['v2', '/boots'],
    ['v2', '/hats'],
  ].map(([visitorId, path]) => ({
    ...{ name: 'page_view', visitorId },
    url: `https://shop.example${path}`,
  }))
  await runCurl(tidemark, `curl "$API/sites/demo/events" -d '${JSON.stringify({ events })}'`)
  const [csv, ndjson] = await Promise.all(
    commands.map(async command => (await runCurl(tidemark, command)).text()),
  )
  expect(csv).toBe(`${blocks('csv')[0]?.replaceAll('\n', '\r\n')}\r\n`)
  const [line = ''] = ndjson?.split('\n') ?? []
  expect(JSON.parse(line)).toEqual(JSON.parse(blocks('json')[0] ?? ''))
})

it.each(['export', 'forget'])(
  'docs/export-and-erase.md: lists the options of `tidemark %s` in the order of its help',
  async command => {
    const help = await helpOf(command)
    const options = [...help.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, name]) => name)
    const rows = tableHeaded(`option of \`tidemark ${command}\``)
    expect(namesIn(rows.map(([name = '']) => [name]))).toEqual(options)
  },
)

async function helpOf(command: string): Promise<string> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const { signal } = new AbortController()
  await runCli([command, '--help'], { command: 'tidemark', stdin, stdout, stderr, signal })
  return String(stdout.read() ?? '')
}
