import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import process from 'node:process'
import { root } from '../../scripts/run.ts'
import { createContextFilter, parseVariables, readStages } from './dockerfile.ts'

/** The file system of an image, in a folder. */
export interface Image {
  /** Variables of the last stage, with paths in the folder, and a PATH with its programs. */
  readonly env: Record<string, string>
  /** Returns the path in the folder for a path in the image. */
  toFolder(text: string): string
}

/** Longest time of one RUN instruction, in milliseconds. */
const commandTimeoutMs = 180_000

/** Paths of the image that the Dockerfile names. */
const imagePaths = /(?<=^|[\s"'=])\/(?=(?:src|app|data|backups|usr\/local\/bin)\b)/g

/**
 * Runs the instructions of `deploy/Dockerfile` without Docker, in a folder in place of the root. The base image is this
 * machine with its Node.
 */
export function buildImage(folder: string): Image {
  const toFolder = (text: string): string => text.replaceAll(imagePaths, `${folder}/`)
  const programs = ['usr/local/bin', 'npm/bin'].map(path => join(folder, path))
  const path = [...programs, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin']
  const base = { HOME: process.env['HOME'] ?? '', PATH: path.join(delimiter) }
  // The machine's settings of registries and proxies.
  const buildEnv = { ...process.env, ...base, npm_config_prefix: join(folder, 'npm') }
  mkdirSync(join(folder, 'usr/local/bin'), { recursive: true })
  let env: Record<string, string> = base
  for (const stage of readStages()) {
    env = { ...base }
    let workdir = folder
    for (const { name, text } of stage) {
      if (name === 'ENV') env = { ...env, ...parseVariables(toFolder(text)) }
      if (name === 'WORKDIR') {
        workdir = toFolder(text)
        mkdirSync(workdir, { recursive: true })
      }
      if (name === 'COPY') copy(text, workdir)
      // Only root can change owners; the test runs the image as its own user.
      const command = text.replace('-o 1000 -g 1000 ', '')
      if (name === 'RUN') runCommand(toFolder(command), workdir, { ...buildEnv, ...env })
    }
  }
  return { env, toFolder }
}

function copy(text: string, workdir: string): void {
  // Both stages have the same root here.
  if (text === '/app /app') return
  if (text !== '. .') throw new Error(`COPY ${text}: the test does not know this form.`)
  const isInContext = createContextFilter()
  cpSync(root, workdir, {
    recursive: true,
    filter: path => path === root || isInContext(relative(root, path)),
  })
}

function runCommand(command: string, folder: string, env: NodeJS.ProcessEnv): void {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
    ...{ cwd: folder, env, encoding: 'utf8', timeout: commandTimeoutMs },
  })
  if (status !== 0) throw new Error(`RUN ${command} failed (${status}):\n${stdout}${stderr}`)
}
