import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Last step of the build: rewrites the imports in the declarations of `vue-tsc`. They import `./x.ts` and
 * `./X.vue`, as the sources do; in `dist` the files are `./x.js` and `./X.vue.js`, which every module
 * resolution of TypeScript finds.
 */
const folder = join(import.meta.dirname, 'dist')
const specifier = /(from '|import\(["'])(\.{1,2}\/[^'"]+?)(\.ts|\.vue)(?=["'])/g

for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.d.ts')) continue
  const file = join(folder, path)
  const text = readFileSync(file, 'utf8')
  writeFileSync(
    file,
    text.replaceAll(specifier, (_, before: string, name: string, extension: string) =>
      extension === '.ts' ? `${before}${name}.js` : `${before}${name}.vue.js`,
    ),
  )
}

// TypeScript 6 and later check imports that have only an effect, as that of the style sheet.
writeFileSync(join(folder, 'style.css.d.ts'), 'export {}\n')
