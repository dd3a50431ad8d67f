import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const page = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Where `pnpm start` listens, for who works on the pages with `pnpm exec vite` beside it. */
const running = 'http://127.0.0.1:4711'

export default defineConfig({
  plugins: [vue()],
  appType: 'mpa',
  build: {
    rolldownOptions: {
      // How long a plugin took is no warning to whoever starts the playground.
      checks: { bundlerTimings: false },
      input: {
        shop: page('index.html'),
        checkout: page('checkout/index.html'),
        dashboard: page('dashboard/index.html'),
      },
    },
    // The first browsers with `light-dark()`, which the colors of the dashboard are made of.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // The policy of the pages allows images of their own origin alone, and no `data:`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/api': { target: running, ws: true },
      '/tidemark.js': running,
      '/playground': running,
    },
  },
})
