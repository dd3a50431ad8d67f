/** The public interface of a component, as its page shows it. */
export interface ComponentApi {
  /** Name that a page imports, such as `TopList`. */
  readonly name: string
  /** Models are props too. */
  readonly props: readonly Member[]
  readonly slots: readonly Member[]
  readonly emits: readonly Member[]
}

/** A prop, slot or event of a component, or a field of an interface. */
export interface Member {
  /** Name in the source: `labelKey`, `row-click`. */
  readonly name: string
  /** Short type; slot props of a slot, payload of an event. Empty if there are none. */
  readonly type: string
  readonly description: string
  /** Text of the `@default` tag, or a literal default in the source. */
  readonly default: string | undefined
  readonly isRequired: boolean
  /** Whether all widgets share it, so that its description is on the page of common props. */
  readonly isCommon: boolean
}
