import { defineConfig } from 'vite'

/** Builds the script-tag file: one classic script without imports. */
export default defineConfig({
  build: {
    target: 'es2020',
    lib: {
      entry: 'src/script/script.ts',
      formats: ['iife'],
      name: 'tidemark',
      fileName: () => 'tidemark.js',
    },
    // The folder also contains the modules of `build:modules`.
    emptyOutDir: false,
    reportCompressedSize: false,
    sourcemap: true,
    minify: 'terser',
    terserOptions: {
      ecma: 2020,
      compress: { passes: 4, pure_getters: true, unsafe_arrows: true, unsafe_methods: true },
    },
    rolldownOptions: {
      checks: { bundlerTimings: false },
      optimization: { inlineConst: { mode: 'all', pass: 3 } },
    },
  },
})
