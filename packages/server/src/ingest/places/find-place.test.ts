import { describe, expect, it } from 'vitest'
import { findPlaceOfApp, findPlaceOfHost, findPlaceOfTag, places } from './find-place.ts'
import { toPlaces } from './place.ts'

/** Returns the names that are there twice. */
function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index)
}

describe('places', () => {
  it('have each host, app and tag once', () => {
    expect(repeated(places.flatMap(({ hosts }) => hosts))).toEqual([])
    expect(repeated(places.flatMap(({ apps }) => apps.map(app => app.toLowerCase())))).toEqual([])
    expect(repeated(places.flatMap(({ tags }) => tags))).toEqual([])
  })

  it('have a host that opens them, in lower case and without www', () => {
    for (const { source, channel } of places) {
      expect(findPlaceOfHost(source)).toEqual({ source, channel })
      expect(source).toMatch(/^(?!www\.)[a-z\d-]+(?:\.[a-z\d-]+)+$/)
    }
  })

  it('have tags in lower case and without separators', () => {
    for (const tag of places.flatMap(({ tags }) => tags)) {
      expect(tag).toMatch(/^(?:ad:)?[a-z\d.]+$/)
    }
  })

  it('are found by all their names', () => {
    for (const { source, hosts, apps, tags } of places) {
      const found = [
        ...hosts.map(host => findPlaceOfHost(host.replace('*.', 'abc.').replace('.*', '.de'))),
        ...apps.map(findPlaceOfApp),
        ...tags.map(tag => findPlaceOfTag(tag.replace('ad:', ''))),
      ]
      expect(found.map(place => place?.source)).toEqual(found.map(() => source))
    }
  })
})

describe('toPlaces', () => {
  it('parses lines, and lines that continue others', () => {
    expect(
      toPlaces('AI', '\na.example | b.example *.c.example\n  | app\n  | tag ad:x\nd.example\n'),
    ).toEqual([
      {
        source: 'a.example',
        channel: 'AI',
        hosts: ['a.example', 'b.example', '*.c.example'],
        apps: ['app'],
        tags: ['tag', 'ad:x'],
      },
      { source: 'd.example', channel: 'AI', hosts: ['d.example'], apps: [], tags: [] },
    ])
  })

  it.each(['| b.example', 'a.example b.example', 'a | b | c | d | e'])('refuses %j', line => {
    expect(() => toPlaces('AI', line)).toThrow(TypeError)
  })
})
