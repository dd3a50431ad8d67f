import { describe, expect, it } from 'vitest'
import { findViolations } from './check-imports.ts'
import { importRules } from './import-rules.ts'
import { codeOf, importsOf } from './sources.ts'

/** Violations of one file, without the folders that have no rule: the paths of these tests are invented. */
const violationsIn = (path: string, code: string): string[] =>
  findViolations([{ path, code }]).filter(line => !line.includes('has no rule'))

const server = 'packages/server/src'

describe('findViolations', () => {
  it.each([
    ['packages/protocol/src/a.ts', `import { join } from 'node:path'`],
    ['packages/sdk/src/tracker/a.ts', `import { ref } from 'vue'`],
    ['packages/sdk/src/a.ts', `import { x } from '../../protocol/src/index.ts'`],
    ['packages/widgets/src/a.ts', `import { track } from '@tidemark/sdk'`],
    ['packages/widgets/src/a.vue', `export type { A } from '@tidemark/server'`],
    [`${server}/a.ts`, `import '@tidemark/sdk/live'`],
    [`${server}/rollup/a.ts`, `import type { Context } from 'hono'`],
    [`${server}/rollup/a.ts`, `import { clock } from '../shared/clock.ts'`],
    [`${server}/live/a.ts`, `const log = await import('../log/log.ts')`],
    [`${server}/live/a.ts`, `type Site = import('../rollup/site.ts').Site`],
    [`${server}/routes/sse.ts`, `import { room } from './websocket.ts'`],
    ['playground/src/a.ts', `import { x } from '../../packages/sdk/src/index.ts'`],
    [`${server}/rollup/a.test.ts`, `import { log } from '../log/memory.ts'`],
    [`${server}/live/a.ts`, `import { socket } from './testing/socket.ts'`],
  ])('reports in %s: %s', (path, code) => {
    const violations = violationsIn(path, code)
    expect(violations).not.toEqual([])
    for (const line of violations) expect(line).toContain(`${path}:1 imports `)
  })

  it.each([
    ['packages/sdk/src/live/a.ts', `import { limits } from '@tidemark/protocol'`],
    ['packages/widgets/src/a.vue', `import { createLiveClient } from '@tidemark/sdk/live'`],
    [`${server}/rollup/a.ts`, `import { b } from './b.ts'`],
    [`${server}/rollup/a.test.ts`, `import fc from 'fast-check'`],
    [`${server}/routes/a.ts`, `import { problem } from '../http/problem.ts'`],
    [`${server}/log/a.ts`, `import { open } from 'node:fs/promises'`],
    ['tests/a.test.ts', `import { launchBrowser } from './browser.ts'`],
    ['packages/sdk/src/testing/a.ts', `import { vi } from 'vitest'`],
    [`${server}/live/a.test.ts`, `import { clock } from '../testing/clock.ts'`],
    ['packages/sdk/vite.config.ts', `import { defineConfig } from 'vite'`],
    ['packages/sdk/src/a.test.ts', `import '../../../tests/setup/console.ts'`],
  ])('allows in %s: %s', (path, code) => {
    expect(violationsIn(path, code)).toEqual([])
  })

  it('reports a cycle of types once, with its path', () => {
    const cycle = [
      { path: 'packages/sdk/src/a.ts', code: `import './b.ts'` },
      { path: 'packages/sdk/src/b.ts', code: `import type { A } from './c.ts'` },
      { path: 'packages/sdk/src/c.ts', code: `import type { B } from './b.ts'` },
    ]
    expect(findViolations(cycle)).toEqual([
      'packages/sdk/src/b.ts imports packages/sdk/src/c.ts imports packages/sdk/src/b.ts: a cycle of files',
    ])
  })

  it.each(['Date.now()', 'new Date()', 'Math.random()', 'setTimeout(run, 5)', 'performance.now()'])(
    'reports a call of %s in the reducer, but not a mention in a comment',
    call => {
      const code = `// ${call}\nexport const at = (run: () => void) => ${call}\n`
      expect(violationsIn(`${server}/rollup/a.ts`, code)).toEqual([
        expect.stringContaining(`${server}/rollup/a.ts:2 uses `),
      ])
      expect(violationsIn(`${server}/shared/clock.ts`, code)).toEqual([])
    },
  )

  it('allows a member or a key with the name of a global', () => {
    const code = `export const at = (clock: { setTimeout(): void }) => clock.setTimeout()\nnew Date(5)`
    expect(violationsIn(`${server}/rollup/a.ts`, code)).toEqual([])
  })
})

describe('findViolations: folders', () => {
  it('reports a cycle between two folders, also when only types are imported', () => {
    const sources = [
      { path: `${server}/query/a.ts`, code: `import type { B } from '../rollup/b.ts'` },
      { path: `${server}/rollup/b.ts`, code: `export type B = 1` },
      { path: `${server}/rollup/c.ts`, code: `import type { A } from '../query/a.ts'` },
    ]
    expect(findViolations(sources)).toContain(
      `${server}/query imports ${server}/rollup imports ${server}/query: a cycle of folders`,
    )
  })

  it('treats the direct files of a folder with folders below it as nodes of their own', () => {
    const sources = [
      { path: `${server}/rollup/bounds.ts`, code: `export const bounds = 1` },
      { path: `${server}/rollup/fold/a.ts`, code: `import { bounds } from '../bounds.ts'` },
      { path: `${server}/rollup/site.ts`, code: `import { a } from './fold/a.ts'` },
    ]
    expect(findViolations(sources)).toEqual([])
  })

  it('reports a folder of published sources without a rule', () => {
    expect(findViolations([{ path: `${server}/attic/a.ts`, code: '' }])).toEqual([
      `${server}/attic has no rule; add one to scripts/import-rules.ts`,
    ])
  })

  it('has at most one rule for the direct files of a folder', () => {
    const folders = importRules.filter(rule => rule.onlyDirect).map(rule => rule.folder)
    expect(folders).toEqual([...new Set(folders)])
  })
})

describe('codeOf', () => {
  it('keeps the line numbers of the scripts of a Vue file', () => {
    const file = `<script lang="ts">\nimport './a.ts'\n</script>\n<template><p>import './no.ts'</p></template>\n<script setup lang="ts">\nimport './b.ts'\n</script>`
    const source = { path: 'packages/widgets/src/x.vue', code: codeOf('x.vue', file) }
    expect(importsOf(source).map(({ path, line }) => [path, line])).toEqual([
      ['packages/widgets/src/a.ts', 2],
      ['packages/widgets/src/b.ts', 6],
    ])
  })
})
