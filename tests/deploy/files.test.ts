import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { validate } from 'dockerfile-utils'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { findProgram } from '../../scripts/program.ts'
import { root } from '../../scripts/run.ts'
import { mallocSettings } from '../../packages/server/src/cli/malloc.ts'
import { createContextFilter, parseVariables, readStages, textOf } from './dockerfile.ts'

const readFile = (path: string): string => readFileSync(join(root, path), 'utf8')

describe('deploy/Dockerfile', () => {
  it('has no problem that the linter finds', () => {
    expect(validate(readFile('deploy/Dockerfile'))).toEqual([])
  })

  it('runs Node 24 without root, with the volumes and variables that the pages name', () => {
    const stages = readStages()
    const stage = stages.at(-1) ?? []
    for (const [from] of stages) expect(from?.text).toMatch(/^node:24-\S+( AS build)?$/)
    expect(textOf(stage, 'USER')).toBe('1000:1000')
    expect(textOf(stage, 'VOLUME')).toBe('["/data", "/backups"]')
    const variables = parseVariables(textOf(stage, 'ENV'))
    expect(variables).toEqual({
      ...{ NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '4711' },
      TIDEMARK_STORAGE_DATA_DIR: '/data',
      ...mallocSettings,
    })
    expect(textOf(stage, 'EXPOSE')).toBe(variables['PORT'])
  })

  it('copies only the sources of the server', () => {
    const isInContext = createContextFilter()
    for (const path of ['pnpm-lock.yaml', 'LICENSE', 'packages/server/src/cli.ts', 'packages']) {
      expect([path, isInContext(path)]).toEqual([path, true])
    }
    for (const path of [
      ...['.git', 'tests', 'docs', 'token-secret', '.tidemark/tidemark.db', 'packages/widgets'],
      ...['packages/server/node_modules/ws', 'packages/sdk/dist/tidemark.js', 'node_modules'],
      'packages/server/src/app.test.ts',
    ]) {
      expect([path, isInContext(path)]).toEqual([path, false])
    }
  })
})

interface Compose {
  services: Record<string, { command?: string; networks: string[]; [key: string]: unknown }>
  networks: { proxied: { ipam: { config: { subnet: string }[] } } }
  volumes: Record<string, unknown>
}

it('deploy/compose.yaml: trusts its own network, writes only to volumes, and needs a secret', () => {
  const { services, networks, volumes } = parse(readFile('deploy/compose.yaml')) as Compose
  const { tidemark, caddy } = services
  const [{ subnet } = { subnet: '' }] = networks.proxied.ipam.config
  expect(tidemark?.command).toContain(`--trusted-proxy ${subnet}`)
  expect(tidemark).toMatchObject({
    ...{ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] },
    ...{ volumes: ['data:/data', 'backups:/backups'], networks: ['proxied'] },
    environment: { TIDEMARK_TOKEN_SECRET: expect.stringMatching(/^\$\{TIDEMARK_TOKEN_SECRET:\?/) },
  })
  // Only Caddy has ports that others can reach.
  expect(tidemark).not.toHaveProperty('ports')
  expect(caddy?.networks).toEqual(['proxied'])
  expect(Object.keys(volumes)).toEqual(['data', 'backups', 'certificates'])
})

/** Program that checks units. It needs no running systemd. */
const systemdAnalyze = findProgram(['systemd-analyze'])

describe('deploy/systemd', () => {
  const folder = join(root, 'deploy/systemd')
  const names = readdirSync(folder)

  /** Copies the units, with a program that is installed here. */
  function copyUnits(): string[] {
    const copies = mkdtempSync(join(tmpdir(), 'tidemark-units-'))
    onTestFinished(() => rmSync(copies, { recursive: true, force: true }))
    return names.map(name => {
      const path = join(copies, name)
      const text = readFileSync(join(folder, name), 'utf8')
      writeFileSync(path, text.replaceAll('/usr/local/bin/tidemark', process.execPath))
      return path
    })
  }

  it.skipIf(!systemdAnalyze)('has valid units (needs systemd-analyze)', () => {
    const words = ['verify', ...copyUnits()]
    const { status, stdout, stderr } = spawnSync(systemdAnalyze ?? '', words, { encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it.skipIf(!systemdAnalyze)('exposes little of the machine (needs systemd-analyze)', () => {
    for (const path of copyUnits().filter(each => each.endsWith('.service'))) {
      // From 0 (nothing) to 10 (everything), times ten.
      const words = ['security', '--offline=true', '--threshold=20', path]
      expect([path, spawnSync(systemdAnalyze ?? '', words).status]).toEqual([path, 0])
    }
  })

  it('gives the server more time to stop than it takes, and files for its readers', () => {
    const text = readFileSync(join(folder, 'tidemark.service'), 'utf8')
    const valueOf = (name: string): number =>
      Number(new RegExp(`^${name}=(\\d+)$`, 'm').exec(text)?.[1])
    expect(valueOf('TimeoutStopSec')).toBeGreaterThan(10)
    expect(valueOf('LimitNOFILE')).toBeGreaterThan(20_000)
    for (const [name, value] of Object.entries(mallocSettings))
      expect(text).toContain(`${name}=${value}`)
  })
})
