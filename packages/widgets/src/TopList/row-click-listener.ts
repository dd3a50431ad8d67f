import { getCurrentInstance } from 'vue'

/** Reports whether the host listens to `row-click` of the current component. Call it in the component's setup. */
export function hasRowClickListener(): boolean {
  const props = getCurrentInstance()?.vnode.props ?? {}
  return 'onRowClick' in props || 'onRow-click' in props
}
