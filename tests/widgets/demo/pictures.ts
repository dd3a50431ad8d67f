export interface Picture {
  /** Path of an example component, such as `TopList/Channel`. */
  readonly example: string
  /** In CSS pixels. */
  readonly width: number
  /** Height, for a picture with a panel above the page. @default that of the example */
  readonly height?: number
  /** Selector of an element to click first. @default none */
  readonly click?: string
}

/** Pictures of the pages in docs/widgets by their name, which is that of the component. */
export const pictures: Readonly<Record<string, Picture>> = {
  ActivityTable: { example: 'ActivityTable/Live', width: 840 },
  BarChart: { example: 'BarChart/Basic', width: 560 },
  EventList: { example: 'EventList/Basic', width: 420 },
  GoalList: { example: 'GoalList/Basic', width: 420 },
  VisitorsMap: { example: 'VisitorsMap/Range', width: 560 },
  MetricCard: { example: 'MetricCard/Host', width: 320 },
  Sparkline: { example: 'Sparkline/Basic', width: 200 },
  ValuePanel: { example: 'ValuePanel/Basic', width: 560 },
  ConnectionIndicator: { example: 'ConnectionIndicator/Basic', width: 320 },
  LineChart: { example: 'LineChart/Basic', width: 560 },
  LiveActivityFeed: { example: 'LiveActivityFeed/Basic', width: 420 },
  RealtimeCounter: { example: 'RealtimeCounter/Page', width: 320 },
  RangePicker: {
    example: 'RangePicker/History',
    width: 420,
    height: 350,
    click: '[aria-expanded]',
  },
  TimeSeriesChart: { example: 'TimeSeriesChart/Range', width: 640 },
  TopList: { example: 'TopList/Channel', width: 420 },
  TidemarkDashboard: { example: 'TidemarkDashboard/Basic', width: 1180 },
}
