import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { commandOf } from './command.ts'

const pnpm = 'pnpm/12.21.0 npm/? node/? linux x64'

it.each([
  ['the script of a clone', { npm_lifecycle_event: 'tidemark', npm_config_user_agent: pnpm }],
])('commandOf: returns the pnpm command for %s', (_, env) => {
  expect(commandOf(env)).toBe('npx -y pnpm@12 tidemark')
})

it.each([
  ['an installed command', {}],
  ['a script with another name', { npm_lifecycle_event: 'start', npm_config_user_agent: pnpm }],
  ['npx', { npm_lifecycle_event: 'npx', npm_config_user_agent: 'npm/11.19.1 node/v24.21.0' }],
])('commandOf: returns tidemark for %s', (_, env) => {
  expect(commandOf(env)).toBe('tidemark')
})

it('cli.ts: has the same Node flags in its first line as in the script of a clone', async () => {
  const root = new URL('../../../../', import.meta.url)
  const [firstLine = ''] = (await readFile(new URL('../cli.ts', import.meta.url), 'utf8')).split(
    '\n',
  )
  const manifest = await readFile(new URL('package.json', root), 'utf8')
  const { scripts } = JSON.parse(manifest) as { scripts: Record<string, string> }
  const [, command] = firstLine.split('/usr/bin/env -S ')
  expect(scripts['tidemark']).toBe(`${command} packages/server/src/cli.ts`)
})
