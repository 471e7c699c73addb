import { randomUUID } from "node:crypto"

/** Randomness as the engine and the stores see it. Under simulation it comes from the seed. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A version 4 UUID in lower case. */
  uuid(): string
}

/** The platform's randomness: the default wherever a `random` may be given. */
export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: () => randomUUID(),
}
