import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { type RestartableProcess, configureMalloc } from './malloc.ts'

function restartOf(self: Partial<RestartableProcess>): unknown[] | undefined {
  let call: unknown[] | undefined
  configureMalloc({
    platform: 'linux',
    argv: ['/bin/node', '/bin/tidemark', 'serve', '--port', '0'],
    execArgv: ['--flag=1'],
    execPath: '/bin/node',
    env: { HOME: '/root' },
    execve(...args) {
      call = args
      return undefined as never
    },
    ...self,
  })
  return call
}

describe('configureMalloc', () => {
  it('restarts the process with its arguments', () => {
    expect(restartOf({})).toEqual([
      '/bin/node',
      ['/bin/node', '--flag=1', '/bin/tidemark', 'serve', '--port', '0'],
      { HOME: '/root', MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' },
    ])
  })

  it.each<[string, Partial<RestartableProcess>]>([
    ['it has restarted', { env: { MALLOC_ARENA_MAX: '1' } }],
    ['the user sets the number of arenas', { env: { MALLOC_ARENA_MAX: '4' } }],
    ['the user sets the mmap threshold', { env: { MALLOC_MMAP_THRESHOLD_: '1' } }],
    ['the platform has another allocator', { platform: 'darwin' }],
    ['the process has an IPC channel', { channel: {} }],
    ['the command is not serve', { argv: ['/bin/node', '/bin/tidemark', 'import', 'serve'] }],
  ])('does not restart when %s', (_, self) => {
    expect(restartOf(self)).toBeUndefined()
  })

  it('continues when Node has no execve', () => {
    expect(() =>
      configureMalloc({
        ...{ platform: 'linux', execArgv: [], execPath: '', env: {} },
        argv: ['', '', 'serve'],
      }),
    ).not.toThrow()
  })

  it('continues when Node forbids execve', () => {
    expect(() =>
      restartOf({
        execve() {
          throw new Error('Access to this API has been restricted')
        },
      }),
    ).not.toThrow()
  })

  it.runIf(process.platform === 'linux')(
    'keeps the process ID and the flags, sets the variables, and stops at SIGTERM',
    async () => {
      const { MALLOC_ARENA_MAX: _, MALLOC_MMAP_THRESHOLD_: __, ...env } = process.env
      const cli = fileURLToPath(new URL('../cli.ts', import.meta.url))
      const words = ['--max-semi-space-size=9', cli, 'serve', '--port', '0']
      const child = spawn(process.execPath, [...words, '--data', makeDirectory()], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env,
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      let errors = ''
      child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
      let output = ''
      while (!output.includes('runs at')) {
        const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
        output += chunk.toString()
      }
      const read = (name: string): Promise<string> =>
        readFile(`/proc/${child.pid}/${name}`, 'latin1')
      expect(await read('environ')).toContain('MALLOC_ARENA_MAX=1\0')
      expect(await read('environ')).toContain('MALLOC_MMAP_THRESHOLD_=131072\0')
      expect(await read('cmdline')).toContain('--max-semi-space-size=9\0')
      child.kill('SIGTERM')
      const [code] = (await once(child, 'exit')) as [number | null]
      expect(code).toBe(0)
      expect(errors).not.toContain('Warning')
    },
    // The start from the sources takes long on a busy machine.
    60_000,
  )
})
