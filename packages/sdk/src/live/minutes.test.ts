import type { WindowMinutes } from '@tidemark/protocol'
import { expect, it } from 'vitest'
import { createLiveClient } from './client.ts'

it('a client for a window that there is not is refused at once, with the windows that there are', () => {
  const minutes = Number('7') as WindowMinutes
  const make = () => createLiveClient({ baseUrl: 'https://a.example/api', siteId: 'a', minutes })
  expect(make).toThrow(TypeError)
  expect(make).toThrow('`minutes` takes 1, 5, 15, 30, 60, not 7.')
})
