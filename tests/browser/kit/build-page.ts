import vue from '@vitejs/plugin-vue'
import { type Rolldown, build } from 'vite'

/** Builds a page for production, in memory. @returns contents by path: `/index.html` */
export async function buildPage(root: string): Promise<ReadonlyMap<string, string>> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'error',
    mode: 'production',
    plugins: [vue()],
    build: { write: false, minify: true },
  })
  const results = Array.isArray(built) ? built : 'output' in built ? [built] : []
  const outputs = results.flatMap(
    ({ output }): Rolldown.RolldownOutput['output'][number][] => output,
  )
  return new Map(
    outputs.map(output => [
      `/${output.fileName}`,
      output.type === 'chunk' ? output.code : String(output.source),
    ]),
  )
}
