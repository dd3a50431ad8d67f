import vue from '@vitejs/plugin-vue'
import { type Plugin, defineConfig } from 'vite'

/** Deletes the empty module that a style sheet as an entry produces. */
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
    // The app's bundler minifies the package together with the app.
    minify: false,
    cssMinify: true,
    cssCodeSplit: true,
    sourcemap: true,
    lib: {
      entry: {
        index: 'src/index.ts',
        charts: 'src/charts.ts',
        map: 'src/map.ts',
        table: 'src/table.ts',
        dashboard: 'src/dashboard.ts',
        style: 'src/style.css',
        'locales/ar': 'src/locales/ar.ts',
        'locales/de': 'src/locales/de.ts',
        'locales/en': 'src/locales/en.ts',
        'locales/es': 'src/locales/es.ts',
        'locales/fr': 'src/locales/fr.ts',
        'locales/ja': 'src/locales/ja.ts',
      },
      formats: ['es'],
    },
    rolldownOptions: {
      // One file per module: the app's bundler leaves out unused modules and splits those that load on demand.
      output: {
        preserveModules: true,
        preserveModulesRoot: 'src',
        // The shapes of the map are bundled, and a published package cannot have a folder `node_modules`.
        entryFileNames: ({ name }) => `${name.replace(/^.*node_modules/, 'bundled')}.js`,
      },
      external: [
        ...[/^vue(\/|$)/, 'pinia', /^@tidemark\//],
        ...['@tanstack/vue-virtual', 'chart.js', 'chartjs-chart-geo', 'topojson-client'],
      ],
    },
  },
})
