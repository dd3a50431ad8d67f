import { defineConfig } from 'vite'

/**
 * Bundles the published package: a few files instead of several hundred, with the used parts of TypeBox and the
 * protocol. A server that starts from its sources takes 50 MB more memory, most of it for TypeBox and for Node's
 * TypeScript compiler.
 */
export default defineConfig({
  build: {
    ssr: true,
    target: 'node24',
    minify: false,
    sourcemap: true,
    license: { fileName: 'LICENSES.md' },
    rolldownOptions: {
      // `log/sqlite-writer.ts` starts the thread by its file name.
      input: {
        index: 'src/index.ts',
        cli: 'src/cli.ts',
        'sqlite-writer-thread': 'src/log/sqlite-writer-thread.ts',
      },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
  ssr: { noExternal: ['typebox', '@tidemark/protocol'] },
})
