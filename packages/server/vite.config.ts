import { defineConfig } from 'vite'

/**
 * Builds what is published: a few files in place of several hundred, with of TypeBox and of the protocol only what is
 * used. A server that is started from its sources takes 50 MB more, most of it for TypeBox and for Node's own
 * compiler of TypeScript.
 */
export default defineConfig({
  build: {
    ssr: true,
    target: 'node24',
    minify: false,
    sourcemap: true,
    license: { fileName: 'LICENSES.md' },
    rolldownOptions: {
      // `log/sqlite-writer.ts` starts the thread by its file's name.
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
