export const indicatorTexts = {
  websocket: 'Connected by WebSocket.',
  sse: 'Connected by server-sent events.',
  longPoll: 'Connected by long polling.',
  /** The last sentence; without a full stop, as an age may end in one. */
  lastUpdate: 'Last update: {age}',
  /** Countdown to the next attempt: `Retrying in 5 sec`. */
  retryIn: 'Retrying in {time}',
  retryNow: 'Retry now',
} as const
