import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeDirectory } from './testing/directory.ts'
import { writeMmdb } from './testing/mmdb.ts'
import { type TestServer, createTestServer } from './testing/server.ts'

const view = { name: 'page_view', url: 'https://shop.example/' }
const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

async function rowsBy({ ask }: TestServer, by: string): Promise<unknown> {
  const answer = await ask(`/api/sites/shop/metrics?by=${by}`)
  return ((await answer.json()) as { rows: unknown }).rows
}

describe('GET metrics', () => {
  it('by bot has the events of each program, and those of people in no row', async () => {
    const server = createTestServer()
    for (const [agent, body] of [
      ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', view],
      ['Googlebot-Image/1.0', view],
      ['curl/8.5.0', view],
      ['curl/8.5.0', { ...view, visitorId: 'app' }],
      [chrome, { automated: true, events: [view] }],
      [chrome, view],
    ] as const) {
      await server.send(body, { headers: { 'User-Agent': agent } })
    }
    expect(await rowsBy(server, 'bot')).toMatchObject([
      { bot: 'Googlebot', events: 2 },
      { bot: 'Automated browser', events: 1 },
      { bot: 'curl', events: 1 },
    ])
    expect(await rowsBy(server, 'path')).toMatchObject([{ path: '/', pageViews: 2 }])
  })

  it('by version, screen and language has the facts of headers, hints and the batch', async () => {
    const server = createTestServer()
    const headers = {
      ...{ 'User-Agent': chrome, 'Accept-Language': 'de-AT,de;q=0.9' },
      ...{ 'Sec-CH-UA-Platform': '"Windows"', 'Sec-CH-UA-Platform-Version': '"15.0.0"' },
    }
    await server.send({ screen: '1440x900', events: [view] }, { headers })
    await server.send({ language: 'pt-BR', events: [view] }, { headers })
    const pageViews = 2
    expect(await rowsBy(server, 'browserVersion')).toMatchObject([
      { browserVersion: 'Chrome 142', pageViews },
    ])
    expect(await rowsBy(server, 'osVersion')).toMatchObject([
      { osVersion: 'Windows 11', pageViews },
    ])
    expect(await rowsBy(server, 'screen')).toMatchObject([
      { screen: '(unknown)' },
      { screen: '1400-1919' },
    ])
    expect(await rowsBy(server, 'language')).toMatchObject([{ language: 'de' }, { language: 'pt' }])
    expect(await rowsBy(server, 'city')).toEqual([])
  })

  it('by region and city has the places of a file that has them', async () => {
    const record = (region: string) => ({
      country: { iso_code: 'US' },
      subdivisions: [{ names: { en: region } }],
      city: { names: { en: 'Springfield' } },
    })
    const countryFile = join(makeDirectory(), 'city.mmdb')
    const networks = [
      ['5.0.0.0/24', record('Illinois')],
      ['5.0.1.0/24', record('Missouri')],
    ] as const
    writeFileSync(countryFile, writeMmdb(networks, { type: 'GeoLite2-City' }))
    const server = createTestServer({ countryFile })
    for (const address of ['5.0.0.1', '5.0.1.1', '192.0.2.1']) {
      const request = new Request('http://stats.example/api/sites/shop/events', {
        method: 'POST',
        body: JSON.stringify(view),
        headers: { 'User-Agent': chrome },
      })
      expect((await server.tidemark.fetch(request, { address })).status).toBe(202)
    }
    expect(await rowsBy(server, 'city')).toMatchObject([
      { city: '(unknown)' },
      { city: 'Springfield, Illinois, US' },
      { city: 'Springfield, Missouri, US' },
    ])
    expect(await rowsBy(server, 'region')).toMatchObject([
      { region: '(unknown)' },
      { region: 'Illinois, US' },
      { region: 'Missouri, US' },
    ])
  })
})
