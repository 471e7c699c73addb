/*
 * The tree of all runs of a deployment, walked depth first. A run is not kept and gone back to: it is made again up to the
 * place where it is to differ (stateless search). So the tree is only the way to the present leaf: what was possible at
 * each place, and what of it was tried.
 *
 * Reduction by sleep sets (P. Godefroid: Partial-Order Methods for the Verification of Concurrent Systems, 1996). Two
 * steps that touch nothing in common that one of them changes commute: which goes first makes no difference to what comes
 * after both. After all runs in which t goes next were seen, t sleeps in those in which another step goes next, until
 * one goes that does not commute with t. A run in which only sleeping steps are left differs from one that was seen in
 * the order of commuting steps alone, and is cut.
 *
 * A crash is a step of its own: it is the same at whichever ready step of a life it strikes, so each place has one per life
 * and plan. It is left out where the step before did nothing but change the life that ends: nobody can tell whether
 * that step came to be, so the crash before it has shown all.
 *
 * Invariants: of each class of runs that differ only in the order of commuting steps, and in what a crash took with it,
 * exactly one is run to its end; what a step touches is known when it has been run, and it is the same after any steps
 * that commute with it. A step that is struck by a fault touches everything, so it never sleeps: a sleeping step may
 * still be struck.
 */
import { everything } from "./pace.js"

/** What a step touched, by name: a life and shared objects; true for what it changed. */
export type Footprint = ReadonlyMap<string, boolean>

/** A crash that may strike: equal for all steps of a life at which it would be the same. */
export interface Crash {
  readonly name: string
  readonly life: string
}

/** A step that needs no more trying where it sleeps: what it touched, and where faults could have struck. */
interface Asleep {
  readonly footprint: Footprint
  readonly crashes: readonly Crash[]
  /** How many chances there were for other faults. */
  readonly chances: number
}

type Sleeping = ReadonlyMap<string, Asleep>

interface OrderPlace {
  readonly kind: "order"
  readonly enabled: readonly string[]
  readonly sleeping: Sleeping
  /** What is still to be tried here; the first is being tried. */
  readonly candidates: Candidate[]
  /** How many candidates are done with. */
  done: number
  /** Tried here, without a fault. */
  readonly tried: Map<string, Asleep>
  /** Names of the crashes that are tried here, or that need not be. */
  readonly crashes: Set<string>
}

interface Candidate {
  readonly step: string
  /** The step sleeps: it is tried only with a fault. The chance at which one must strike if none did before. */
  readonly lastChance?: number
  /** It is struck by the crash of this name. */
  readonly crash?: string
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

/** A step that is run: where it was chosen, what it touches, what faults had a chance, whether one struck. */
interface Present {
  readonly place: OrderPlace
  readonly footprint: Map<string, boolean>
  readonly crashes: Crash[]
  /** On whose behalf it is run. */
  life: string
  chances: number
  struck: boolean
}

export class ExplorationTree {
  readonly #reduction: boolean
  readonly #maxFaults: number
  readonly #way: (OrderPlace | FaultPlace)[] = []
  /** How far the present run has come on the way. */
  #depth = 0
  #faults = 0
  #present: Present | undefined
  #previous: Present | undefined

  constructor(reduction: boolean, maxFaults: number) {
    this.#reduction = reduction
    this.#maxFaults = maxFaults
  }

  /** The present step is run on behalf of this life. */
  runsFor(life: string): void {
    if (this.#present !== undefined) this.#present.life = life
  }

  /** The present step touches this. */
  touched(object: string, changes = true): void {
    const footprint = this.#present?.footprint
    if (footprint !== undefined && (changes || !footprint.has(object))) footprint.set(object, changes)
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
    this.#present = { place, footprint: new Map(), crashes: [], life: "", chances: 0, struck: false }
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
    this.#strike(present)
    return true
  }

  /** Answers whether a crash strikes at the present step. */
  crashes(crash: Crash): boolean {
    if (!this.#reduction) return this.strikes()
    const present = this.#present
    if (present === undefined || this.#faults >= this.#maxFaults) return false
    const { place } = present
    const { step, crash: chosen } = place.candidates[0]!
    if (chosen !== undefined) {
      if (chosen !== crash.name || present.struck) return false
      this.#strike(present)
      return true
    }
    present.crashes.push(crash)
    this.#mayCrash(place, step, crash)
    return false
  }

  /** Ends the present run and goes to where the next one differs; false when all were seen. */
  backtrack(): boolean {
    this.touched(everything)
    this.#leave()
    this.#previous = undefined
    this.#depth = 0
    this.#faults = 0
    for (let last = this.#way.at(-1); last !== undefined; last = this.#way.at(-1)) {
      if (last.kind === "fault" && !last.strikes) {
        last.strikes = true
        return true
      }
      if (last.kind === "order" && last.candidates.length > 0) {
        last.candidates.shift()
        last.done++
        if (last.candidates.length > 0) return true
      }
      this.#way.pop()
    }
    return false
  }

  /** The part of the tree that was walked, from 0 to 1, where the alternatives of one place count alike. */
  share(): number {
    let walked = 0
    let part = 1
    for (const place of this.#way) {
      const [done, all] =
        place.kind === "fault" ? [Number(place.strikes), 2] : [place.done, place.done + place.candidates.length]
      walked += (part * done) / all
      part /= all
    }
    return walked
  }

  #strike(present: Present): void {
    present.struck = true
    this.#faults++
    present.footprint.set(everything, true)
  }

  /** Has the crash tried at a place once, unless it shows nothing that the one before the last step does not. */
  #mayCrash(place: OrderPlace, step: string, { name, life }: Crash): void {
    if (place.crashes.has(name)) return
    place.crashes.add(name)
    const before = this.#previous
    const isShown = before?.place.crashes.has(name) === true && before.life === life && isInward(before)
    if (!isShown) place.candidates.push({ step, crash: name })
  }

  /** Takes note of what the present step touched; answers who sleeps after it. */
  #leave(): Sleeping {
    const present = this.#present
    this.#present = undefined
    this.#previous = present
    if (present === undefined || !this.#reduction) return new Map()
    const { place, footprint, crashes, chances, struck } = present
    const { step, lastChance } = place.candidates[0]!
    const asleep = [...place.sleeping, ...place.tried].filter(
      ([name, other]) => name !== step && commute(other.footprint, footprint),
    )
    if (!struck && lastChance === undefined) place.tried.set(step, { footprint, crashes, chances })
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
      if (asleep === undefined) return [{ step }]
      return asleep.chances > 0 ? [{ step, lastChance: asleep.chances }] : []
    })
    const crashes = new Set<string>()
    const place: OrderPlace = { kind: "order", enabled, sleeping, candidates, done: 0, tried: new Map(), crashes }
    if (this.#faults < this.#maxFaults)
      for (const step of enabled)
        for (const crash of sleeping.get(step)?.crashes ?? []) this.#mayCrash(place, step, crash)
    this.#way.push(place)
    return place
  }
}

/** Whether a step changed nothing but its own life, so that nobody can tell that it came to be once that is over. */
const isInward = ({ life, footprint, struck }: Present) =>
  !struck && [...footprint].every(([object, changes]) => !changes || object === life || object === requestsOf(life))

/** What the requests of a life touch: they come to be as long as nothing calls them off. */
export const requestsOf = (life: string) => `requests of ${life}`

function commute(one: Footprint, other: Footprint): boolean {
  if (one.has(everything) || other.has(everything)) return false
  for (const [object, changes] of one) if (other.has(object) && (changes || other.get(object) === true)) return false
  return true
}

const sameNames = (some: readonly string[], others: readonly string[]) =>
  some.length === others.length && some.every((name, n) => name === others[n])
