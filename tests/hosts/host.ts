import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { type BuildOptions, type PluginOption, build } from 'vite'
import { vi } from 'vitest'
import { root } from '../../scripts/run.ts'
import { linkPackage, packageNames, packedPackage } from './packed-packages.ts'

/** A Vue app in a folder of its own, with the packed packages in its `node_modules`. */
export interface Host {
  readonly folder: string
  /**
   * Builds pages with Vite, with the warnings of Vue's development build.
   * @param pages names of pages: `index` for `index.html`
   * @returns the folder of the built pages
   */
  buildPages(pages: readonly string[], options?: PageOptions): Promise<string>
  /** Builds a module for Node. Packages stay outside of it, as on a server. @returns its path */
  buildModule(name: string): Promise<string>
  remove(): void
}

export interface PageOptions {
  /** @default 'development' */
  readonly mode?: 'development' | 'production'
  readonly plugins?: PluginOption[]
}

const app = join(import.meta.dirname, 'app')
/** The style sheet of docs/widgets/theming.md. */
const tailwindStyle = join(root, 'tests/widgets/examples/theming/tailwind.css')
const installed = (name: string): string => join(root, 'tests/node_modules', name)

/** Longest time for a build of the packages on a busy machine. */
export const buildTimeoutMs = 180_000

/** Copies the sources of the app and links its dependencies. */
export async function createHost(): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-host-'))
  cpSync(app, folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  cpSync(tailwindStyle, join(folder, 'tailwind.css'))
  const gallery = readFileSync(join(app, 'Gallery.vue'), 'utf8')
  writeFileSync(join(folder, 'OptionsGallery.vue'), toOptionsApi(gallery))
  for (const name of ['vue', 'pinia']) linkPackage(installed(name), folder, name)
  for (const name of ['vite', 'tailwindcss']) {
    linkPackage(join(root, 'node_modules', name), folder, name)
  }
  for (const name of packageNames) {
    linkPackage(await packedPackage(name), folder, `@tidemark/${name}`)
  }
  return {
    folder,
    async buildPages(pages, { mode = 'development', plugins = [] } = {}) {
      const outDir = join(folder, `dist-${mode}`)
      const input = pages.map(name => join(folder, `${name}.html`))
      const output = { outDir, minify: mode === 'production', rolldownOptions: { input } }
      await buildWithVite(folder, mode, output, plugins)
      return outDir
    },
    async buildModule(name) {
      const outDir = join(folder, 'dist-server')
      await buildWithVite(folder, 'development', { outDir, ssr: `${name}.ts` })
      return join(outDir, `${basename(name)}.js`)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Fails the test at a warning of the build. */
async function buildWithVite(
  folder: string,
  mode: 'development' | 'production',
  options: BuildOptions,
  plugins: PluginOption[] = [],
): Promise<void> {
  vi.stubEnv('NODE_ENV', mode)
  try {
    await build({
      configFile: false,
      root: folder,
      base: './',
      mode,
      logLevel: 'warn',
      plugins: [vue(), plugins],
      build: {
        // A page of the test is not minified, and a busy machine is no fault of a plugin.
        chunkSizeWarningLimit: 10_000,
        ...options,
        rolldownOptions: { checks: { bundlerTimings: false }, ...options.rolldownOptions },
      },
    })
  } finally {
    vi.unstubAllEnvs()
  }
}

/** Rewrites `<script setup>` to a component that registers the imported components. */
function toOptionsApi(source: string): string {
  const [, script = ''] = /<script setup lang="ts">\n([^]*?)<\/script>/.exec(source) ?? []
  const template = source.slice(source.indexOf('</script>') + '</script>'.length)
  const imports = script.match(/^import [^]*? from '.*'$/gm) ?? []
  const data = script.replaceAll(/^import [^]*? from '.*'$/gm, '').trim()
  const components = imports
    .filter(line => line.includes('@tidemark/widgets'))
    .flatMap(line => line.match(/\b[A-Z]\w+/g) ?? [])
  const constants = [...data.matchAll(/^const (\w+)/gm)].map(([, name = '']) => name)
  return [
    '<script lang="ts">',
    ...imports,
    "import { defineComponent } from 'vue'",
    data,
    'export default defineComponent({',
    `  components: { ${components.join(', ')} },`,
    `  data: () => ({ ${['config', ...constants].join(', ')} }),`,
    '})',
    '</script>',
    template,
  ].join('\n')
}
