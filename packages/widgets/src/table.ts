export { default as ActivityTable } from './ActivityTable/ActivityTable.vue'
export {
  type ActivityColumn,
  type ActivityColumnKey,
  type ActivitySort,
} from './ActivityTable/columns.ts'
export { type CellSlotProps } from './ActivityTable/row-options.ts'
