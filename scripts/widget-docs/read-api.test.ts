import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createCheckerByJson } from 'vue-component-meta'
import { root } from '../run.ts'
import { ApiReader } from './read-api.ts'

// Vue's types are found from this folder. The files exist in memory only.
const folder = join(root, 'packages/widgets/src/gauge')

const files: Record<string, string> = {
  'index.ts': `
    export { default as Gauge } from './Gauge.vue'
    export type { GaugeOptions } from './gauge-options.ts'`,
  'gauge-options.ts': `
    export type Size = 'sm' | 'md' | undefined
    export type Name = keyof { second: 1; first: 2 }
    export interface WidgetProps {
      /** Size of the card. */
      size?: Size
    }
    export interface GaugeOptions {
      /** Largest value. @default 100 */
      max?: number | undefined
      values: readonly (string | number)[]
      /** Name. */
      name: Name
    }
    export interface Items<Item> {
      /** Items to show. */
      items: readonly Item[]
      channel?: undefined
    }
    export interface Channel {
      /** Channel to show. */
      channel: string
    }`,
  'Gauge.vue': `
    <script setup lang="ts" generic="Item extends object">
    import type { Channel, Items, WidgetProps } from './gauge-options.ts'
    const { limit = 5 } = defineProps<WidgetProps & (Items<Item> | Channel) & {
      /** Number of rows. */
      limit?: number
    }>()
    /** Selected range. @default none */
    const range = defineModel<string>('range')
    defineEmits<{
      /** A row was activated. */
      'row-click': [item: Item, index: number]
    }>()
    defineSlots<{
      /** Replaces a row. */
      row?(props: { item: Item, index?: number }): unknown
    }>()
    </script>
    <template>{{ limit }}{{ range }}</template>`,
}

/** Options of the widgets' own settings that matter for types. */
const settings = {
  compilerOptions: {
    strict: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    noEmit: true,
    lib: ['es2024'],
    types: [],
    skipLibCheck: true,
  },
  include: [],
}

/** Compiling takes two seconds on an idle machine. */
const timeoutMs = 60_000

it(
  'ApiReader: reads a generic component with a union of props, and an interface',
  { timeout: timeoutMs },
  () => {
    const checker = createCheckerByJson(folder, settings, { schema: false })
    for (const [name, text] of Object.entries(files)) checker.updateFile(join(folder, name), text)
    const reader = new ApiReader(checker, [join(folder, 'index.ts')])

    const [gauge, ...others] = reader.components()
    expect(others).toEqual([])
    const none = { default: undefined, isRequired: false, isCommon: false }
    expect(gauge?.props).toEqual([
      {
        ...none,
        name: 'size',
        type: "'sm' | 'md'",
        description: 'Size of the card.',
        isCommon: true,
      },
      { ...none, name: 'items', type: 'Item[]', description: 'Items to show.' },
      { ...none, name: 'channel', type: 'string', description: 'Channel to show.' },
      { ...none, name: 'limit', type: 'number', description: 'Number of rows.', default: '5' },
      { ...none, name: 'range', type: 'string', description: 'Selected range.', default: 'none' },
    ])
    expect(gauge?.slots).toEqual([
      { ...none, name: 'row', type: 'item: Item, index?: number', description: 'Replaces a row.' },
    ])
    expect(gauge?.emits).toEqual([
      {
        ...none,
        isRequired: true,
        name: 'row-click',
        type: 'item: Item, index: number',
        description: 'A row was activated.',
      },
      {
        ...none,
        name: 'update:range',
        type: 'value: string',
        description: 'New value for `v-model:range`.',
      },
    ])
    expect(reader.fields('GaugeOptions')).toEqual([
      { ...none, name: 'max', type: 'number', description: 'Largest value.', default: '100' },
      { ...none, name: 'values', type: '(string | number)[]', description: '', isRequired: true },
      { ...none, name: 'name', type: "'first' | 'second'", description: 'Name.', isRequired: true },
    ])
  },
)
