import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { formatScriptTag } from './script-tag.ts'
import { createScriptVersion } from './script-version.ts'

it('formatScriptTag: names the version and the integrity of the script', () => {
  const version = createScriptVersion('tidemark()', 'extra')
  const hash = createHash('sha384').update('tidemark()').digest('base64')
  expect(formatScriptTag({ site: 'shop', url: 'https://stats.example/' }, version)).toBe(
    `<script defer src="https://stats.example/tidemark.${version.version}.js" data-site="shop" integrity="sha384-${hash}" crossorigin></script>`,
  )
})

it('formatScriptTag: escapes site and URL', () => {
  const tag = formatScriptTag(
    { site: '"><b>', url: 'https://stats.example/a&b"' },
    createScriptVersion('', undefined),
  )
  expect(tag).toContain('src="https://stats.example/a&amp;b&quot;/tidemark.')
  expect(tag).toContain('data-site="&quot;><b>"')
})

it('createScriptVersion: changes with each of the files', () => {
  const pairs = [
    ['a', undefined],
    ['b', undefined],
    ['a', 'b'],
    ['a', ''],
  ] as const
  const versions = pairs.map(([script, extra]) => createScriptVersion(script, extra).version)
  expect(new Set(versions).size).toBe(pairs.length)
  expect(createScriptVersion('a', 'b').version).toBe(versions[2])
})
