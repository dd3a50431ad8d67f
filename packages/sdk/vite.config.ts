import { defineConfig } from 'vite'

/** Builds the script-tag file: one classic script without imports. */
export default defineConfig({
  build: {
    target: 'es2021',
    lib: {
      entry: 'src/script/script.ts',
      formats: ['iife'],
      name: 'tidemark',
      fileName: () => 'tidemark.js',
    },
    // The folder also contains the modules of `build:modules`.
    emptyOutDir: false,
    reportCompressedSize: false,
    // The server sends its address in a header.
    sourcemap: 'hidden',
    minify: 'terser',
    terserOptions: {
      ecma: 2020,
      // Vite's default works around a fault of Safari 10.
      safari10: false,
      // These are the options with the smallest gzip.
      compress: {
        passes: 4,
        pure_getters: true,
        unsafe_arrows: true,
        conditionals: false,
        hoist_funs: true,
        inline: false,
        lhs_constants: false,
      },
    },
    rolldownOptions: {
      checks: { bundlerTimings: false },
      optimization: { inlineConst: { mode: 'all', pass: 3 } },
    },
  },
})
