import { it } from 'vitest'
import { checkSwitching } from './switching.ts'
import type { LogKind } from './test-server.ts'

it.each(['memory', 'sqlite'] satisfies LogKind[])(
  'over a log in %s, readers who change from any way to any other miss nothing and see nothing twice, two thousand times',
  async log => {
    await checkSwitching(log, 2000)
  },
  3_600_000,
)
