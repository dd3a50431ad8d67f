import { defineConfig } from 'vite'

/** Builds the module that the script-tag file loads by `data-extra`. */
export default defineConfig({
  build: {
    target: 'es2021',
    lib: {
      entry: 'src/script/extra.ts',
      formats: ['es'],
      fileName: () => 'tidemark.extra.js',
    },
    emptyOutDir: false,
    reportCompressedSize: false,
    sourcemap: true,
    minify: 'oxc',
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
})
