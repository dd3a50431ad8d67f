import { spawn } from 'node:child_process'
import { basename, delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** Path of the workspace's root folder. */
export const root: string = fileURLToPath(new URL('..', import.meta.url))

/** Timeout of a command, in milliseconds. It is far above any normal duration and stops a command that hangs. */
const timeoutMs = 600_000

export interface Finished {
  /** Exit code; 1 when the command could not be started or was stopped by a signal. */
  code: number
  /** Output of both streams, in the order of arrival. */
  output: string
  /** Standard output alone. */
  stdout: string
}

/** Runs a program of the workspace's `node_modules/.bin` or of the PATH in `folder`, without standard input. */
export function run(command: readonly string[], folder: string = root): Promise<Finished> {
  const [program = '', ...args] = command
  const path = [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter)
  return new Promise(resolve => {
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      // On Windows the programs of `.bin` are scripts, which need a shell.
      shell: process.platform === 'win32',
    })
    let output = ''
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.on('error', error => resolve({ code: 1, output: `${output}${error.message}\n`, stdout }))
    child.on('close', code => resolve({ code: code ?? 1, output, stdout }))
  })
}

/** Returns the command line of the pnpm that started this process, or else of the one that the README names. */
export function pnpm(...args: string[]): string[] {
  const starter = process.env['npm_execpath'] ?? ''
  if (!basename(starter).startsWith('pnpm')) return ['npx', '-y', 'pnpm@12', ...args]
  return /\.[cm]?js$/.test(starter) ? [process.execPath, starter, ...args] : [starter, ...args]
}

/**
 * Runs a script of the workspace's package.json.
 * @throws {Error} with the script's output when it fails
 */
export async function runScript(name: string): Promise<void> {
  const { code, output } = await run(pnpm('--silent', 'run', name))
  if (code !== 0) throw new Error(`The script ${name} failed:\n${output}`)
}
