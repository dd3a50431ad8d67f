import { Agent, get } from 'node:http'

/*
 * Asks for the last hour by minutes, again and again, in a process of its own so that it waits for nobody
 * but the server: `node query-client.ts URL`. Gives its parent the times whenever it is asked, in milliseconds.
 */

const [, , metrics = ''] = process.argv
const everyMs = 20
const agent = new Agent({ keepAlive: true })
let times: number[] = []

process.on('message', () => {
  process.send?.(times)
  times = []
})
process.on('disconnect', () => process.exit())

async function ask(): Promise<void> {
  const to = Date.now()
  const range = `from=${to - 3_600_000}&to=${to}&granularity=minute`
  const startedAt = performance.now()
  await new Promise((resolve, reject) => {
    const request = get(`${metrics}?${range}`, { agent }, answer =>
      answer.resume().on('end', resolve),
    )
    request.on('error', reject)
  })
  times.push(performance.now() - startedAt)
  setTimeout(() => void ask(), everyMs)
}

await ask()
