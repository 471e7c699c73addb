/** How far a handler came with the span it was called with. */
export type StreamResult =
  | { readonly kind: "AllProcessed" }
  | { readonly kind: "NoneProcessed" }
  | { readonly kind: "PartiallyProcessed"; readonly count: number }
  | { readonly kind: "OverrideNextIndex"; readonly index: bigint }

const all: StreamResult = Object.freeze({ kind: "AllProcessed" })
const none: StreamResult = Object.freeze({ kind: "NoneProcessed" })

export const StreamResult = {
  /** The whole span is done. The same as returning nothing. */
  AllProcessed: all,
  /** Nothing is done: the same events, and newer ones that follow them, come again after a back-off. */
  NoneProcessed: none,
  /** The first `count` events are done: an integer from 0 to the length of the span; anything else fails the run. */
  PartiallyProcessed: (count: number): StreamResult => ({ kind: "PartiallyProcessed", count }),
  /**
   * An outside truth: every event below `index` is covered. Above the span, events up to it are dropped now and when
   * they arrive. Below the stream's position it says "I read an older state": nothing moves back and the span comes again.
   */
  OverrideNextIndex: (index: bigint): StreamResult => ({ kind: "OverrideNextIndex", index }),
}
