import { join } from 'node:path'
import { build } from 'vite'

/** Bundles an app of `apps/` with Vite, as a site does that uses the npm package. @returns its script */
export async function buildApp(name: 'npm-app' | 'vue-app'): Promise<string> {
  const entry = join(import.meta.dirname, 'apps', `${name}.ts`)
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      lib: { entry, formats: ['iife'], name: 'app' },
      rolldownOptions: { checks: { bundlerTimings: false } },
    },
  })
  const [bundle] = Array.isArray(result) ? result : []
  const [chunk] = bundle?.output ?? []
  if (!chunk) throw new Error(`${name}: Vite built no script.`)
  return chunk.code
}
