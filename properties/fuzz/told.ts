import type { Effect } from "./effects.js"

/** What is told of a run, as it happens. */
export type Told =
  | { readonly kind: "starts"; readonly process: string; readonly position: bigint }
  | {
      readonly kind: "called"
      readonly process: string
      readonly stream: string
      readonly first: number
      readonly end: number
    }
  | {
      readonly kind: "returned"
      readonly process: string
      readonly stream: string
      readonly result: string | undefined
    }
  | { readonly kind: "threw"; readonly process: string; readonly stream: string; readonly error: string }
  | { readonly kind: "effect"; readonly process: string; readonly effect: Effect }
  | { readonly kind: "fault"; readonly process: string; readonly fault: string; readonly at: string }
  | { readonly kind: "uncaught"; readonly process: string; readonly error: string }
  | { readonly kind: "resumed"; readonly process: string }
  | { readonly kind: "rewound"; readonly process: string; readonly position: bigint }

export type Tell = (told: Told) => void
