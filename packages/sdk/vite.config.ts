import { defineConfig } from 'vite'

/** Builds the script-tag file: one classic script without imports. */
export default defineConfig({
  build: {
    target: 'es2020',
    lib: {
      entry: 'src/script.ts',
      formats: ['iife'],
      name: 'tidemark',
      fileName: () => 'tidemark.js',
    },
    // The folder also contains the modules of `build:modules`.
    emptyOutDir: false,
    reportCompressedSize: false,
    rolldownOptions: { optimization: { inlineConst: { mode: 'all', pass: 3 } } },
  },
})
