export {
  type ActivePage,
  type ChannelName,
  type Channels,
  type ChannelSpec,
  type CountryRow,
  type Device,
  type DeviceRow,
  type EventRow,
  type FeedEntry,
  type FeedEntryType,
  type GoalRow,
  type PageVisitors,
  type Rows,
  type RowsSpec,
  type SeriesRow,
  type Snapshot,
  type SourceRow,
  type State,
  type ValueSpec,
  channelNames,
  channels,
  compareEntryIds,
} from './channels.ts'
export {
  type ErrorCode,
  type ErrorInfo,
  type EventCode,
  type Problem,
  type ResetReason,
  closeCodes,
  errorCodes,
  errors,
  eventErrors,
  isProblem,
} from './codes.ts'
export { type Cursor, compareCursors, formatCursor, parseCursor } from './cursor.ts'
export {
  type HistoryDimension,
  type HistoryDimensionSpec,
  historyDimensionNames,
  historyDimensions,
} from './dimensions.ts'
export { formatEtag, matchesEtag, parseEtag } from './etag.ts'
export {
  type EventProperty,
  formatProperty,
  parseProperty,
  propertyLength,
  toProperties,
  toProperty,
} from './event-property.ts'
export {
  type BatchVerdict,
  type BrowserFacts,
  type EventBatch,
  type EventContext,
  type PropertyValue,
  type Rejection,
  type TrackedEvent,
  type VisitorFacts,
  eventNames,
  isAutomatic,
  isMeasurement,
  isPresenceOnly,
} from './event.ts'
export {
  type ChannelPatch,
  type Frame,
  type Patch,
  type RowsPatch,
  applyPatch,
  applyRows,
  mergeFrames,
} from './frame.ts'
export { isObject } from './json.ts'
export { limits, readerLimits } from './limits.ts'
export {
  type RewritePath,
  normalizeEscapes,
  pageFragmentOf,
  pagePathOf,
  toPagePath,
} from './page-path.ts'
export { type StateAtCursor, applyFrame, applySnapshot } from './state-at-cursor.ts'
export {
  type ClientMessage,
  type FramesAnswer,
  type MessageErrorCode,
  type ServerMessage,
  subprotocol,
  tokenSubprotocol,
} from './messages.ts'
export {
  type Selection,
  type WindowMinutes,
  defaultMinutes,
  selectionKey,
  selectionQuery,
  toPaths,
  toSelection,
  windowMinutes,
} from './selection.ts'
export type {
  PropertyValueRow,
  PropertyValues,
  ValueRow,
  ValueStats,
  ValueWindow,
} from './value-rows.ts'
