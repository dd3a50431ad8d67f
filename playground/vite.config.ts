import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const page = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Address of `pnpm start`. The development server (`pnpm exec vite`) proxies the API to it. */
const playgroundUrl = 'http://127.0.0.1:4711'

export default defineConfig({
  plugins: [vue()],
  appType: 'mpa',
  build: {
    rolldownOptions: {
      // Hides warnings about slow plugins.
      checks: { bundlerTimings: false },
      input: {
        shop: page('index.html'),
        checkout: page('checkout/index.html'),
        dashboard: page('dashboard/index.html'),
        gallery: page('gallery/index.html'),
      },
    },
    // The first browsers with `light-dark()`, which the dashboard uses for its colors.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // The content security policy allows no `data:` images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/api': { target: playgroundUrl, ws: true },
      '/tidemark.': playgroundUrl,
      '/playground': playgroundUrl,
    },
  },
})
