import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { root } from './run.ts'

/**
 * Finds programs that tests need: browsers, servers to compare results with, and proxies. A missing program is
 * installed if that needs no interaction.
 */

/** Timeout for a test hook that calls `requireProgram`, in milliseconds: installations wait for one another. */
export const installTimeoutMs = 300_000

const isWindows = process.platform === 'win32'

/** Returns the path of the first of these programs found in the system folders of a Unix or on the PATH. */
export function findProgram(names: readonly string[]): string | undefined {
  const folders = isWindows
    ? []
    : ['/usr/bin', '/usr/sbin', ...(process.env['PATH'] ?? '').split(delimiter)]
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(existsSync)
}

/** Returns the path of a program, like `findProgram`, and installs Debian's package of the first name if necessary. */
export async function requireProgram(...names: readonly string[]): Promise<string | undefined> {
  const [name = ''] = names
  return findProgram(names) ?? ((await installPackages(name)) ? findProgram(names) : undefined)
}

/** Reason for skipping a test that needs a missing program. */
export const missingProgramReason = (name: string): string =>
  `${name} is not on the PATH and could not be installed (that needs root on Debian or Ubuntu).`

/** Installs packages of Debian or Ubuntu. Returns false on other systems, and without root. */
export async function installPackages(...packages: readonly string[]): Promise<boolean> {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) return false
  const names = packages.join(' and ')
  // Tests in other processes may install packages at the same time, and apt-get does not wait.
  const apt = ['flock', join(tmpdir(), 'tidemark-apt.lock'), 'apt-get', '-qq']
  return (
    (await succeeds(names, [...apt, 'update'])) &&
    (await succeeds(names, [...apt, 'install', '-y', '--no-install-recommends', ...packages]))
  )
}

/**
 * Runs a command that installs `name` and returns whether it succeeded. Its output goes to the error stream, as it may
 * take minutes.
 */
export function succeeds(
  name: string,
  [program = '', ...args]: readonly string[],
): Promise<boolean> {
  process.stderr.write(`${name} is missing; running: ${[program, ...args].join(' ')}\n`)
  return new Promise(resolve => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      shell: isWindows,
    })
    child.on('error', () => resolve(false))
    child.on('exit', code => resolve(code === 0))
  })
}
