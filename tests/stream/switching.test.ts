import { it } from 'vitest'
import { checkSwitching } from './switching.ts'

it('readers who change from any way to any other, and what they read, while it changes, miss nothing and see nothing twice', async () => {
  await checkSwitching('memory', 60)
})
