/** An option of a segmented control, and its readable name. */
export interface SegmentOption<Value extends string> {
  readonly value: Value
  readonly label: string
}
