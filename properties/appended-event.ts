import type { Happening } from "../sim/trace.js"

export type AppendedEvent = Extract<Happening, { kind: "Appended" }>
