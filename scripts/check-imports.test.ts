import { describe, expect, it } from 'vitest'
import { findWrongImports } from './check-imports.ts'
import { codeOf, importsOf } from './sources.ts'

const wrongIn = (path: string, code: string): string[] => findWrongImports([{ path, code }])

const server = 'packages/server/src'

describe('findWrongImports', () => {
  it.each([
    ['packages/protocol/src/a.ts', `import { join } from 'node:path'`],
    ['packages/sdk/src/a.ts', `import { ref } from 'vue'`],
    ['packages/sdk/src/a.ts', `import { x } from '../../protocol/src/index.ts'`],
    ['packages/widgets/src/a.ts', `import { track } from '@tidemark/sdk'`],
    ['packages/widgets/src/a.vue', `export type { A } from '@tidemark/server'`],
    [`${server}/a.ts`, `import '@tidemark/sdk/live'`],
    [`${server}/rollup/a.ts`, `import type { Context } from 'hono'`],
    [`${server}/rollup/a.ts`, `import { clock } from '../clock.ts'`],
    [`${server}/live/a.ts`, `const log = await import('../log/log.ts')`],
    [`${server}/live/a.ts`, `type Site = import('../rollup/site.ts').Site`],
    [`${server}/live/sse.ts`, `import { room } from './websocket.ts'`],
    ['playground/src/a.ts', `import { x } from '../../packages/sdk/src/index.ts'`],
    [`${server}/rollup/a.test.ts`, `import { log } from '../log/memory.ts'`],
    [`${server}/live/a.ts`, `import { socket } from './testing/socket.ts'`],
  ])('refuses in %s: %s', (path, code) => {
    const [first, ...more] = wrongIn(path, code)
    expect(first).toContain(`${path}:1 imports `)
    expect(more).toEqual([])
  })

  it.each([
    ['packages/sdk/src/live/a.ts', `import { limits } from '@tidemark/protocol'`],
    ['packages/widgets/src/a.vue', `import { createLiveClient } from '@tidemark/sdk/live'`],
    [`${server}/rollup/a.ts`, `import { b } from './b.ts'`],
    [`${server}/rollup/a.test.ts`, `import fc from 'fast-check'`],
    [`${server}/live/a.ts`, `import { toProblem } from '../http/problem.ts'`],
    [`${server}/log/a.ts`, `import { open } from 'node:fs/promises'`],
    ['tests/a.test.ts', `import { launchBrowser } from './browser.ts'`],
    ['packages/sdk/src/testing/a.ts', `import { vi } from 'vitest'`],
    [`${server}/live/a.test.ts`, `import { clock } from '../testing/clock.ts'`],
    ['packages/sdk/vite.config.ts', `import { defineConfig } from 'vite'`],
    ['packages/sdk/src/a.test.ts', `import '../../../tests/setup/console.ts'`],
  ])('allows in %s: %s', (path, code) => {
    expect(wrongIn(path, code)).toEqual([])
  })

  it('finds a circle of types once, and says where it goes', () => {
    const circle = [
      { path: 'packages/sdk/src/a.ts', code: `import './b.ts'` },
      { path: 'packages/sdk/src/b.ts', code: `import type { A } from './c.ts'` },
      { path: 'packages/sdk/src/c.ts', code: `import type { B } from './b.ts'` },
    ]
    expect(findWrongImports(circle)).toEqual([
      'packages/sdk/src/b.ts imports packages/sdk/src/c.ts imports packages/sdk/src/b.ts: a circle',
    ])
  })

  it.each(['Date.now()', 'new Date()', 'Math.random()', 'setTimeout(run, 5)', 'performance.now()'])(
    'finds %s in the reducer, where it is called and not where it is written about',
    call => {
      const code = `// ${call}\nexport const at = (run: () => void) => ${call}\n`
      expect(wrongIn(`${server}/rollup/a.ts`, code)).toEqual([
        expect.stringContaining(`${server}/rollup/a.ts:2 names `),
      ])
      expect(wrongIn(`${server}/clock.ts`, code)).toEqual([])
    },
  )

  it('takes a member or a key for what it is when it is called like a global', () => {
    const code = `export const at = (clock: { setTimeout(): void }) => clock.setTimeout()\nnew Date(5)`
    expect(wrongIn(`${server}/rollup/a.ts`, code)).toEqual([])
  })
})

describe('codeOf', () => {
  it('keeps the scripts of a Vue file at their lines', () => {
    const file = `<script lang="ts">\nimport './a.ts'\n</script>\n<template><p>import './no.ts'</p></template>\n<script setup lang="ts">\nimport './b.ts'\n</script>`
    const source = { path: 'packages/widgets/src/x.vue', code: codeOf('x.vue', file) }
    expect(importsOf(source).map(({ path, line }) => [path, line])).toEqual([
      ['packages/widgets/src/a.ts', 2],
      ['packages/widgets/src/b.ts', 6],
    ])
  })
})
