import type { RealtimeConfig } from '../config.ts'
import type { Appearance } from '../settings/settings.ts'

/** Props of every card. */
export interface WidgetProps extends Appearance {
  /** Site to show. @default the site of `TidemarkPlugin` */
  config?: RealtimeConfig | undefined
  /** Heading of the card. @default a text for the content */
  title?: string | undefined
  /** Level of the heading, 1 to 6. @default 2 */
  headingLevel?: 1 | 2 | 3 | 4 | 5 | 6 | undefined
  /** Hides the state of the connection. @default false */
  hideStatus?: boolean | undefined
  /** Keeps showing the current data, and applies the latest data when it ends. @default false */
  paused?: boolean | undefined
}
