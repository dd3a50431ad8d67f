import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { Host } from './host.ts'
import { type PackageName, packedPackage, readManifest } from './packed-packages.ts'

/** Report of `app/node/entries.ts`. */
export interface EntryReport {
  /** Names of exported components, by entry. */
  readonly components: Readonly<Record<string, readonly string[]>>
  /** Names of the other exported values, by entry. */
  readonly others: Readonly<Record<string, readonly string[]>>
  /** Accesses of the packages to `window`, `document` and the like while they load. */
  readonly touched: readonly string[]
}

/** Report of `app/node/render.ts`. */
export interface RenderReport {
  readonly html: string
  readonly htmlWithoutPinia: string
  /** Connections that were opened. */
  readonly opened: readonly string[]
}

/** A process that does not end by itself within this time has left a timer or a socket behind. */
const timeoutMs = 15_000

/** Runs a script of the host in plain Node. Rejects when it fails, hangs, or writes to standard error. */
async function runNode(host: Host, ...args: string[]): Promise<unknown> {
  // The name of the environment that Vitest sets is not a server's.
  const { NODE_ENV: _, VITEST: __, ...env } = process.env
  const options = { cwd: host.folder, env, timeout: timeoutMs, maxBuffer: 2 ** 26 }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options)
  if (stderr !== '') throw new Error(`Unexpected message of Node:\n${stderr}`)
  return JSON.parse(stdout)
}

/** Returns the entries of a packed package that are modules: `@tidemark/sdk/live`. */
export async function moduleEntries(name: PackageName): Promise<string[]> {
  const { exports } = readManifest(await packedPackage(name))
  return Object.keys(exports)
    .filter(entry => !/\.\w+$/.test(entry))
    .map(entry => join('@tidemark', name, entry))
}

export async function importEntries(host: Host, entries: readonly string[]): Promise<EntryReport> {
  return (await runNode(host, 'node/entries.ts', ...entries)) as EntryReport
}

/** Renders the gallery as on a server. */
export async function renderOnServer(host: Host): Promise<RenderReport> {
  const module = await host.buildModule('node/server')
  return (await runNode(host, 'node/render.ts', module)) as RenderReport
}
