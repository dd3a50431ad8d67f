import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { commandOf } from './command.ts'

const pnpm = 'pnpm/12.21.0 npm/? node/? linux x64'

it.each([
  ['the script of a clone', { npm_lifecycle_event: 'tidemark', npm_config_user_agent: pnpm }],
])('says of %s how it is run', (_, env) => {
  expect(commandOf(env)).toBe('npx -y pnpm@12 tidemark')
})

it.each([
  ['a command of its own', {}],
  ['a script of another name', { npm_lifecycle_event: 'start', npm_config_user_agent: pnpm }],
  ['npx', { npm_lifecycle_event: 'npx', npm_config_user_agent: 'npm/11.19.1 node/v24.21.0' }],
])('says of %s its name alone', (_, env) => {
  expect(commandOf(env)).toBe('tidemark')
})

it('is run with the same flags of Node by the script of a clone and by itself', async () => {
  const root = new URL('../../../../', import.meta.url)
  const [firstLine = ''] = (await readFile(new URL('../cli.ts', import.meta.url), 'utf8')).split(
    '\n',
  )
  const manifest = await readFile(new URL('package.json', root), 'utf8')
  const { scripts } = JSON.parse(manifest) as { scripts: Record<string, string> }
  const [, command] = firstLine.split('/usr/bin/env -S ')
  expect(scripts['tidemark']).toBe(`${command} packages/server/src/cli.ts`)
})
