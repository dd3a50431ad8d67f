import { type MinifyOptions, minify } from 'terser'
import { type Plugin, defineConfig } from 'vite'
import { gzipNames } from './gzip-names.ts'

/** The options with the smallest gzip after Vite's own minifier, which also shortens the names. */
const terserOptions: MinifyOptions = {
  ecma: 2020,
  toplevel: true,
  mangle: false,
  compress: {
    passes: 4,
    pure_getters: true,
    unsafe_arrows: true,
    hoist_funs: true,
    inline: false,
    lhs_constants: false,
  },
  sourceMap: true,
}

/** Compresses with Terser before Vite minifies. The two together save more than each. */
const terser: Plugin = {
  name: 'terser',
  async renderChunk(chunk) {
    const { code = '', map } = await minify(chunk, terserOptions)
    return { code, map: typeof map === 'string' ? map : null }
  },
}

/** Builds the script-tag file: one classic script without imports. */
export default defineConfig({
  plugins: [terser, gzipNames()],
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
    minify: 'oxc',
    rolldownOptions: {
      checks: { bundlerTimings: false },
      // Chromium then compiles the script off the main thread, and nothing later on it.
      // https://developer.chrome.com/blog/v8-explicit-compile-hints
      output: { postBanner: '//# allFunctionsCalledOnLoad' },
      optimization: { inlineConst: { mode: 'all', pass: 3 } },
    },
  },
})
