import { it } from 'vitest'
import { checkSwitching } from './switching.ts'

it('Transports: readers that switch transport and selection receive every frame once', async () => {
  await checkSwitching('memory', 60)
})
