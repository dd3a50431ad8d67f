import vue from '@vitejs/plugin-vue'
import { type Plugin, defineConfig } from 'vite'

/** A style sheet as an entry leaves an empty module behind, which nobody needs. */
const withoutEmptyModules: Plugin = {
  name: 'without-empty-modules',
  generateBundle(_, bundle) {
    for (const [name, chunk] of Object.entries(bundle)) {
      if (chunk.type === 'chunk' && chunk.isEntry && chunk.code.trim() === '') delete bundle[name]
    }
  },
}

export default defineConfig({
  plugins: [vue(), withoutEmptyModules],
  build: {
    target: 'es2023',
    // Whoever builds a page with it minifies all of it together.
    minify: false,
    cssMinify: true,
    cssCodeSplit: true,
    sourcemap: true,
    lib: {
      entry: { index: 'src/index.ts', style: 'src/style.css' },
      formats: ['es'],
    },
    rolldownOptions: { external: [/^vue(\/|$)/, 'pinia', /^@tidemark\//] },
  },
})
