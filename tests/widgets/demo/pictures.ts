export interface Picture {
  /** Path of an example component, such as `TopList/Channel`. */
  readonly example: string
  /** In CSS pixels. */
  readonly width: number
}

/** Pictures of the pages in docs/widgets by their name, which is that of the component. */
export const pictures: Readonly<Record<string, Picture>> = {
  ConnectionIndicator: { example: 'ConnectionIndicator/Basic', width: 320 },
  LiveActivityFeed: { example: 'LiveActivityFeed/Basic', width: 420 },
  RealtimeCounter: { example: 'RealtimeCounter/Basic', width: 320 },
  TopList: { example: 'TopList/Channel', width: 420 },
}
