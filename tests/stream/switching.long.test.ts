import { it } from 'vitest'
import { checkSwitching } from './switching.ts'
import type { LogType } from './test-server.ts'

it.each(['memory', 'sqlite'] satisfies LogType[])(
  'Transports: readers that switch transport and selection receive every frame once (%s log, 2,000 runs)',
  async log => {
    await checkSwitching(log, 2000)
  },
  3_600_000,
)
