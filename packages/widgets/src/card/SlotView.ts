import type { FunctionalComponent } from 'vue'

interface SlotViewProps {
  /** Slot of a host, passed as a prop. */
  render: () => unknown
}

/** Renders a slot that was passed as a prop. The data that the slot reads is tracked here, not in the parent. */
export const SlotView: FunctionalComponent<SlotViewProps> = ({ render }) => render()
SlotView.props = ['render']
