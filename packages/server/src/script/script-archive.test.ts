import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { createScriptArchive, maxVersions } from './script-archive.ts'
import { createScriptVersion } from './script-version.ts'

/** Creates an archive in a directory that does not exist yet, with a clock that advances by a minute per version. */
function openArchive() {
  const directory = join(makeDirectory(), 'data', 'tracker')
  let now = 1_790_000_000_000
  return { directory, archive: createScriptArchive(directory, () => (now += 60_000)) }
}

it('ScriptArchive: reads the stored versions, also after a restart', async () => {
  const { directory, archive } = openArchive()
  const [alone, both] = [createScriptVersion('a', undefined), createScriptVersion('a', 'b')]
  await archive.store(alone)
  await archive.store(both)
  for (const each of [archive, createScriptArchive(directory, Date.now)]) {
    const read = await each.read(alone.version)
    expect([read?.integrity, read?.script.text, read?.extra]).toEqual([
      alone.integrity,
      'a',
      undefined,
    ])
    expect((await each.read(both.version))?.extra?.text).toBe('b')
    expect(await each.read(both.version)).toBe(await each.read(both.version))
  }
})

it('ScriptArchive: has no unknown, invalid or damaged version', async () => {
  const { directory, archive } = openArchive()
  const { version } = createScriptVersion('a', undefined)
  expect(await archive.read(version)).toBeUndefined()
  await archive.store(createScriptVersion('a', undefined))
  writeFileSync(join(directory, '0123456789ab.js'), 'something else')
  for (const each of ['0123456789ab', '../tracker/x', '', version.toUpperCase()]) {
    expect(await archive.read(each)).toBeUndefined()
  }
})

it('ScriptArchive: keeps the last versions by the time at which they were stored last', async () => {
  const { directory, archive } = openArchive()
  const versions = Array.from({ length: maxVersions + 5 }, (_, index) =>
    createScriptVersion(`script ${index}`, `extra ${index}`),
  )
  const [first] = versions
  for (const each of versions.slice(0, 10)) await archive.store(each)
  if (first) await archive.store(first)
  for (const each of versions.slice(10)) await archive.store(each)
  const found = await Promise.all(versions.map(({ version }) => archive.read(version)))
  expect(found.map(each => each !== undefined)).toEqual([
    true,
    ...Array.from({ length: 5 }, () => false),
    ...Array.from({ length: maxVersions - 1 }, () => true),
  ])
  expect(readdirSync(directory)).toHaveLength(2 * maxVersions)
})
