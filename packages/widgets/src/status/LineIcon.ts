import { type FunctionalComponent, h } from 'vue'

interface LineIconProps {
  /** Path in a square of 16. */
  path: string
}

/** Draws an icon of lines in the color of the text. Attributes are passed on, and replace those of the icon. */
export const LineIcon: FunctionalComponent<LineIconProps> = ({ path }) =>
  h(
    'svg',
    {
      width: 16,
      height: 16,
      viewBox: '0 0 16 16',
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.5,
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
      'aria-hidden': true,
    },
    h('path', { d: path }),
  )
LineIcon.props = ['path']
