import { createTidemark } from '@tidemark/server'
import { expect, it, onTestFinished } from 'vitest'
import { curlCommands, runCurl } from './curl.ts'
import { namesIn, readPage } from './page.ts'

const { blocks, tableAfter, tableHeaded } = await readPage('docs/default-site.md')
const commands = blocks('sh').flatMap(curlCommands)
const answers: unknown[] = blocks('json').map(block => JSON.parse(block))
const now = Date.UTC(2024, 0, 15, 10, 30, 20)

function createServer() {
  const clock = { now: () => now, after: () => () => {} }
  const tidemark = createTidemark({ clock, sites: ['demo', 'other'] })
  onTestFinished(() => tidemark.close())
  return tidemark
}

it('docs/default-site.md: each command has its answer', async () => {
  const tidemark = createServer()
  const statuses: number[] = []
  for (const [index, command] of commands.entries()) {
    const answer = await runCurl(tidemark, command)
    statuses.push(answer.status)
    expect([command, await answer.json()]).toEqual([command, answers[index]])
  }
  expect(statuses).toEqual([202, 202, 200, 200, 200, 200])
})

it('docs/default-site.md: lists the endpoints of the commands', () => {
  const listed = namesIn(tableHeaded('endpoint')).map(name => name.split(' ')[1])
  const used = commands.map(command => /\$API(\/[\w/-]+)/.exec(command)?.[1])
  expect(listed).toEqual(used)
})

it('docs/default-site.md: has the key and the most buckets of each granularity', async () => {
  const tidemark = createServer()
  await runCurl(tidemark, commands[0] ?? '')
  for (const [granularity = '', key, most = ''] of tableHeaded('`granularity`').map(row =>
    row.map(cell => cell.replaceAll(/[`,]/g, '')),
  )) {
    const ask = (query: string): Promise<Response> =>
      runCurl(tidemark, `curl "$API/metrics?granularity=${granularity}${query}"`)
    const { data } = await (await ask('')).json()
    expect(data).toMatchObject([{ key }])
    const { detail } = await (await ask('&from=0')).json()
    expect(detail).toMatch(new RegExp(`\\b${most}\\b`))
  }
  expect(tableAfter('## History')).toHaveLength(3)
})
