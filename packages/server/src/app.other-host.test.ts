import { expect, it } from 'vitest'
import { createTestServer } from './testing/server.ts'

it('Hosts that a site does not list: are a warning and a counter, also when all events are of them', async () => {
  const { ask, send } = createTestServer({
    sites: [{ id: 'shop', hostNames: ['shop.exmaple'] }],
  })
  const view = { name: 'page_view', url: 'https://shop.example/boots?private=1' }
  const events = [view, view, { name: 'sign_up', url: view.url }, { name: 'no_page' }]
  const answer = await send({ visitorId: 'v', events })
  expect(await answer.json()).toEqual({ accepted: 4, rejected: [] })
  await send(view, { headers: { 'User-Agent': 'Googlebot/2.1' } })
  const getJson = async (path: string) => (await ask(`/api/sites/shop/${path}`)).json()
  expect(await getJson('limits')).toMatchObject({ sinceStart: { otherHost: 3 } })
  const { warnings } = (await getJson('warnings')) as { warnings: { kind: string }[] }
  const warning = warnings.find(({ kind }) => kind === 'host_unlisted')
  expect(warning).toMatchObject({
    count: 3,
    text: '3 events came from pages of hosts that `hostNames` of the site does not list, and were not counted.',
    remedy: expect.stringContaining('add it to `hostNames`') as string,
  })
  expect(JSON.stringify(warnings)).not.toContain('shop.example')
})
