import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../scripts/run.ts'
import { type Host, buildTimeoutMs, createHost } from './host.ts'

let host: Host

beforeAll(async () => {
  host = await createHost()
}, buildTimeoutMs)
afterAll(() => host.remove())

it(
  'Packed packages: compile in an app with strict types and skipLibCheck: false',
  async () => {
    const { output, code } = await run(['vue-tsc', '-p', '.'], host.folder)
    expect(output).toBe('')
    expect(code).toBe(0)
  },
  buildTimeoutMs,
)
