/*
 * The tree of all runs of a deployment, walked depth first. A run is not kept and gone back to: it is made again up to the
 * place where it is to differ (stateless search). So the tree is only the way to the present leaf: what was possible at
 * each place, and what of it was tried.
 *
 * Reduction by sleep sets (P. Godefroid: Partial-Order Methods for the Verification of Concurrent Systems, 1996). Two
 * steps that touch nothing in common commute: which goes first makes no difference to what comes after both. After all
 * runs in which t goes next were seen, t sleeps in those in which another step goes next, until one goes that touches
 * something in common with t. A run in which only sleeping steps are left differs from one that was seen in the
 * order of commuting steps alone, and is cut.
 *
 * Invariants: of each class of runs that differ only in the order of commuting steps exactly one is run to its end;
 * what a step touches is known when it has been run, and it is the same after any steps that commute with it. A step
 * that is struck by a fault touches everything, so it never sleeps: a sleeping step may still be struck.
 */
import { everything } from "./pace.js"

/** What a step touched: a life and shared objects, by name. */
export type Footprint = ReadonlySet<string>

/** A step that needs no more trying where it sleeps: what it touched, and how often a fault could have struck. */
interface Asleep {
  readonly footprint: Footprint
  readonly chances: number
}

type Sleeping = ReadonlyMap<string, Asleep>

interface OrderPlace {
  readonly kind: "order"
  readonly enabled: readonly string[]
  readonly sleeping: Sleeping
  /** What is still to be tried here; the first is being tried. */
  readonly candidates: Candidate[]
  /** Tried here, without a fault. */
  readonly tried: Map<string, Asleep>
}

interface Candidate {
  readonly step: string
  /** The step sleeps: it is tried only with a fault. The chance at which one must strike if none did before. */
  readonly lastChance: number | undefined
}

interface FaultPlace {
  readonly kind: "fault"
  strikes: boolean
}

/** Only sleeping steps are left: the run differs from one that was seen in the order of commuting steps alone. */
export class Redundant extends Error {
  override readonly name = "Redundant"
}

/** The same choices did not lead to the same place again. */
export class NotRepeatableError extends Error {
  override readonly name = "NotRepeatableError"
  constructor(ready: readonly string[]) {
    super(
      `the scenario went another way than before with the same choices; now ready: ${ready.join(", ") || "nothing"}. ` +
        "What it does must depend on nothing but its world.",
    )
  }
}

export class ExplorationTree {
  readonly #reduction: boolean
  readonly #maxFaults: number
  readonly #way: (OrderPlace | FaultPlace)[] = []
  /** How far the present run has come on the way. */
  #depth = 0
  #faults = 0
  /** The present step: where it was chosen, what it touches, how many chances there were, whether a fault struck. */
  #present:
    { readonly place: OrderPlace; readonly footprint: Set<string>; chances: number; struck: boolean } | undefined

  constructor(reduction: boolean, maxFaults: number) {
    this.#reduction = reduction
    this.#maxFaults = maxFaults
  }

  /** The present step touches this. */
  touched(object: string): void {
    this.#present?.footprint.add(object)
  }

  /**
   * Answers which of the steps goes next.
   * @throws Redundant when the run is to be cut
   */
  next(enabled: readonly string[]): string {
    const sleeping = this.#leave()
    const place = this.#way[this.#depth] ?? this.#arrive(enabled, sleeping)
    if (place.kind === "fault" || !sameNames(place.enabled, enabled)) throw new NotRepeatableError(enabled)
    const candidate = place.candidates[0]
    if (candidate === undefined) throw new Redundant()
    this.#depth++
    this.#present = { place, footprint: new Set(), chances: 0, struck: false }
    return candidate.step
  }

  /** Answers whether a fault strikes at the present step. */
  strikes(): boolean {
    const present = this.#present
    if (present === undefined || this.#faults >= this.#maxFaults) return false
    const chance = ++present.chances
    const must = !present.struck && present.place.candidates[0]!.lastChance === chance
    const place = this.#way[this.#depth] ?? this.#arriveAtFault(must)
    if (place.kind === "order") throw new NotRepeatableError([])
    this.#depth++
    if (!place.strikes) return false
    present.struck = true
    this.#faults++
    present.footprint.add(everything)
    return true
  }

  /** Ends the present run and goes to where the next one differs; false when all were seen. */
  backtrack(): boolean {
    this.touched(everything)
    this.#leave()
    this.#depth = 0
    this.#faults = 0
    for (let last = this.#way.at(-1); last !== undefined; last = this.#way.at(-1)) {
      if (last.kind === "fault" && !last.strikes) {
        last.strikes = true
        return true
      }
      if (last.kind === "order" && last.candidates.length > 0) {
        last.candidates.shift()
        if (last.candidates.length > 0) return true
      }
      this.#way.pop()
    }
    return false
  }

  /** Takes note of what the present step touched; answers who sleeps after it. */
  #leave(): Sleeping {
    const present = this.#present
    this.#present = undefined
    if (present === undefined || !this.#reduction) return new Map()
    const { place, footprint, chances, struck } = present
    const { step, lastChance } = place.candidates[0]!
    const asleep = [...place.sleeping, ...place.tried].filter(
      ([name, other]) => name !== step && commute(other.footprint, footprint),
    )
    if (!struck && lastChance === undefined) place.tried.set(step, { footprint, chances })
    return new Map(asleep)
  }

  #arriveAtFault(strikes: boolean): FaultPlace {
    const place: FaultPlace = { kind: "fault", strikes }
    this.#way.push(place)
    return place
  }

  #arrive(enabled: readonly string[], sleeping: Sleeping): OrderPlace {
    const candidates = enabled.flatMap((step): Candidate[] => {
      const asleep = sleeping.get(step)
      if (asleep === undefined) return [{ step, lastChance: undefined }]
      return asleep.chances > 0 ? [{ step, lastChance: asleep.chances }] : []
    })
    const place: OrderPlace = { kind: "order", enabled, sleeping, candidates, tried: new Map() }
    this.#way.push(place)
    return place
  }
}

function commute(one: Footprint, other: Footprint): boolean {
  if (one.has(everything) || other.has(everything)) return false
  for (const object of one) if (other.has(object)) return false
  return true
}

const sameNames = (some: readonly string[], others: readonly string[]) =>
  some.length === others.length && some.every((name, n) => name === others[n])
