export const indicatorTexts = {
  websocket: 'Connected by WebSocket.',
  sse: 'Connected by server-sent events.',
  longPoll: 'Connected by long polling.',
  lastUpdate: 'Last update: {age}.',
} as const
