import { channelNames } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import type { TidemarkOptions } from './config.ts'
import { checkOptions } from './options/check-options.ts'
import { resolveSites } from './site-options.ts'
import { createTestServer } from './testing/server.ts'

const bought = { name: 'Bought', event: 'purchase' } as const
const docsRead = { name: 'Read', path: '/docs/**' } as const

describe('resolveSites', () => {
  it('returns the IDs of sites with and without options', () => {
    expect(resolveSites(['shop', { id: 'blog' }]).ids).toEqual(['shop', 'blog'])
    expect(resolveSites(undefined).ids).toBeUndefined()
  })

  it('uses the goals of the site in place of those of the server', () => {
    const { rulesOf } = resolveSites(
      ['shop', { id: 'docs', goals: [docsRead] }, { id: 'plain', goals: [] }],
      { goals: [bought] },
    )
    const goalsOn = (site: string): unknown => [
      rulesOf(site).goalsOf('purchase', '/docs/a'),
      rulesOf(site).goalsOf('page_view', '/docs/a'),
    ]
    expect(goalsOn('shop')).toEqual([['Bought'], []])
    expect(goalsOn('docs')).toEqual([[], ['Read']])
    expect(goalsOn('plain')).toEqual([[], []])
    expect(goalsOn('unlisted')).toEqual([['Bought'], []])
  })

  it.each([
    ['["shop", "my site"]', "sites[1]: 'my site' is not a site ID. Use 1 to 64 letters, "],
    ['[7]', 'sites[0]: 7 is not a site ID.'],
    ['[null]', 'sites[0]: null is not a site ID.'],
    ['[]', 'sites: [] is not a list of site IDs with at least one; '],
    ['"shop"', "sites: 'shop' is not a list of site IDs "],
    ['[{ "id": "my site" }]', "sites[0].id: 'my site' is not a site ID."],
    ['["shop", {}]', 'sites[1].id: undefined is not a site ID.'],
    ['[{ "id": "a", "goal": [] }]', "sites[0].goal: unknown option. Did you mean 'goals'?"],
    ['["a", { "id": "a" }]', "sites: 'a' is listed twice."],
    ['[{ "id": "a" }, "a"]', "sites: 'a' is listed twice."],
    ['["a", { "id": "b", "goals": {} }]', 'sites[1].goals: {} is not a list of goals;'],
    [
      '[{ "id": "a", "history": { "bounce": "none" } }]',
      "sites[0].history.bounce: 'none' is not one of one-event, not-engaged.",
    ],
    ['[{ "id": "a", "history": { "timeZone": "UTC" } }]', 'sites[0].history.timeZone: unknown'],
    ['["a", { "id": "b", "writeOrigins": ["b.example"] }]', 'sites[1].writeOrigins[0]: '],
    ['["a", { "id": "b", "writeKeys": ["short"] }]', 'sites[1].writeKeys[0]: the key has 5 bytes'],
    ['["a", { "id": "b", "goals": [{ "name": "" }] }]', 'sites[1].goals[0]: The goal has no name.'],
  ])('rejects %s and names the field', (json, message) => {
    const create = (): unknown => checkOptions({ sites: JSON.parse(json) })
    expect(create).toThrow(TypeError)
    expect(create).toThrow(message)
  })

  it('accepts one ID twice, as two options of a command line may name it', () => {
    expect(resolveSites(['shop', 'shop']).ids).toEqual(['shop', 'shop'])
  })
})

describe('Public figures of a server', () => {
  const channelsOf = async (options: TidemarkOptions, site: string): Promise<readonly string[]> => {
    const { read } = createTestServer(options)
    const answer = await read('', site)
    return channelNames.filter(name => name in answer)
  }

  it('are those of every site without a rule of its own', async () => {
    const options: TidemarkOptions = {
      sites: [
        'shop',
        { id: 'docs', goals: [docsRead] },
        { id: 'blog', public: { channels: ['events'] } },
        { id: 'intern', public: { channels: [] } },
      ],
      public: { channels: ['goals'] },
    }
    expect(await channelsOf(options, 'shop')).toEqual(['goals'])
    expect(await channelsOf(options, 'docs')).toEqual(['goals'])
    expect(await channelsOf(options, 'blog')).toEqual(['events'])
    expect(await channelsOf(options, 'intern')).toEqual([])
  })

  it('need a list of sites', () => {
    expect(() => createTestServer({ public: {} })).toThrow(
      'public: public figures belong to sites. Name each site in `sites`.',
    )
  })

  it('change with a reload', async () => {
    const { tidemark, read } = createTestServer({
      sites: ['shop'],
      public: { channels: ['goals'] },
    })
    const next = { sites: ['shop'], public: { channels: ['events'] } } as const
    expect(await tidemark.reload(next)).toEqual({ needsRestart: [] })
    expect(Object.keys(await read())).toEqual(['cursor', 'at', 'windowMinutes', 'events'])
  })
})

describe('Site with goals of its own', () => {
  it('counts them, and other sites count those of the server', async () => {
    const { send, read, clock } = createTestServer({
      sites: ['shop', { id: 'docs', goals: [docsRead] }],
      goals: [bought],
    })
    for (const site of ['shop', 'docs']) {
      await send({ name: 'purchase', visitorId: 'v' }, { site })
      await send({ name: 'page_view', visitorId: 'v', url: 'https://a.example/docs/a' }, { site })
    }
    clock.advance(1000)
    const goals = { count: 1, visitors: 1 }
    expect((await read('?channels=goals', 'shop'))['goals']).toEqual([{ goal: 'Bought', ...goals }])
    expect((await read('?channels=goals', 'docs'))['goals']).toEqual([{ goal: 'Read', ...goals }])
  })
})
