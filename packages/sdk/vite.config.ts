import { defineConfig } from 'vite'

/** Builds the file of the script tag: one classic script with all it needs inside. */
export default defineConfig({
  build: {
    target: 'es2020',
    lib: {
      entry: 'src/script.ts',
      formats: ['iife'],
      name: 'tidemark',
      fileName: () => 'tidemark.js',
    },
    // The modules of `build:modules` are in the same folder.
    emptyOutDir: false,
    reportCompressedSize: false,
    rolldownOptions: { optimization: { inlineConst: { mode: 'all', pass: 3 } } },
  },
})
