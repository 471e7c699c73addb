/*
 * Checkpoints in a table of DynamoStore: one stream `$ReaderCheckpoint-{partition}_{group}` per group and partition.
 *
 * Every write is conditioned on the state that it was decided on being the newest, and none but `override` is decided
 * that lowers the position. So the position never goes back, however many consumers of a group commit side by side,
 * however old what they have cached, and when a reply is lost after its write took effect.
 */
import type { ICheckpoints } from "../../engine/checkpoints.js"
import { checkOptions, has, InvalidOptionError, optional } from "../../engine/options.js"
import * as v from "valibot"
import { AccessStrategy } from "./access-strategy.js"
import { DynamoStoreCategory } from "./category.js"
import { Decider } from "./decider.js"
import { DynamoStoreContext } from "./dynamo-store-context.js"
import { LoadOption } from "./load-option.js"
import type { Cache } from "./memory-cache.js"
import {
  commit,
  decode,
  encode,
  fold,
  initial,
  override,
  type ReaderEvent,
  type ReaderState,
  start,
  transmute,
} from "./reader-checkpoint.js"

/** Competing commits each lower nothing, so one of them wins each round; this many rounds are no competition but trouble. */
const attempts = 20

const secondsOfAnEvent = v.custom<number>(
  (x) => Number.isSafeInteger(x) && (x as number) >= 1 && (x as number) <= 2_147_483_647,
  "a number of seconds: an integer from 1 to 2147483647",
)

const accepted = {
  context: v.custom<DynamoStoreContext>((x) => x instanceof DynamoStoreContext, "a DynamoStoreContext"),
  cache: optional(has("readThrough", "put")),
  checkpointFreqS: secondsOfAnEvent,
}

export class DynamoCheckpoints implements ICheckpoints {
  /**
   * @param context the table to keep them in, usually that of the index
   * @param cache spares each commit a read; `undefined` for none
   * @param checkpointFreqS how often, in seconds, a position is stored as an event, which stays; the positions between
   *   replace one another. An integer from 1. A group that was started with another value takes this one over with its
   *   next event.
   * @throws InvalidOptionError
   */
  static create(context: DynamoStoreContext, cache: Cache | undefined, checkpointFreqS: number): DynamoCheckpoints {
    checkOptions("DynamoCheckpoints.create", accepted, { context, cache, checkpointFreqS })
    return new DynamoCheckpoints(context, cache, checkpointFreqS)
  }

  readonly #context: DynamoStoreContext
  readonly #category: DynamoStoreCategory<ReaderEvent, ReaderState>
  readonly #freqS: number
  /** A stale state costs a commit a conflict, and a state that is not cached a read, which then may as well be right. */
  readonly #commitLoad: LoadOption

  private constructor(context: DynamoStoreContext, cache: Cache | undefined, checkpointFreqS: number) {
    this.#context = context
    this.#freqS = checkpointFreqS
    this.#commitLoad = cache === undefined ? LoadOption.RequireLeader : LoadOption.AnyCachedValue
    this.#category = DynamoStoreCategory.create<ReaderEvent, ReaderState>({
      context,
      name: "$ReaderCheckpoint",
      codec: { encode, decode },
      fold,
      initial,
      access: AccessStrategy.Custom(() => true, transmute),
      ...(cache !== undefined && { cache }),
    })
  }

  /**
   * The stored position, by a consistent read: it may have been overridden elsewhere. With nothing stored, the origin is
   * stored first; of two first starts, both get the origin of one.
   * @throws InvalidOptionError when the group's name is empty or has a `_`, or the tranche is no number
   */
  async load(
    groupName: string,
    trancheId: string,
    establishOrigin?: (trancheId: string) => Promise<bigint>,
  ): Promise<bigint> {
    const decider = this.#decider("load", groupName, trancheId)
    let origin: bigint | undefined
    const decide = async (state: ReaderState) => {
      if (state === undefined) origin ??= (await establishOrigin?.(trancheId)) ?? 0n
      const events = state === undefined ? start(state, origin!, this.#now, this.#freqS) : []
      return { result: positionAfter(state, events), events }
    }
    return decider.transactResult(decide, LoadOption.RequireLeader, attempts)
  }

  /**
   * Stores `position` unless a higher one is stored, and answers the one that is stored then. A group that was never
   * loaded is started. Nothing is written for a position that is stored already, unless an event is due; so while a
   * consumer handles nothing, its checkpoint shows no sign of life. Where nothing is written, a consistent read tells the
   * answer: what is cached may be behind what another consumer of the group has stored.
   * @throws InvalidOptionError as `load`, and for a negative position
   */
  commit(groupName: string, trancheId: string, position: bigint): Promise<bigint> {
    return this.#store("commit", commit, groupName, trancheId, position, this.#commitLoad)
  }

  /**
   * Stores `position` whatever is stored: the only way back. No consumer of the group may run meanwhile.
   * @throws InvalidOptionError as `commit`
   */
  async override(groupName: string, trancheId: string, position: bigint): Promise<void> {
    await this.#store("override", override, groupName, trancheId, position, LoadOption.RequireLeader)
  }

  async #store(
    call: string,
    rule: typeof commit,
    groupName: string,
    trancheId: string,
    position: bigint,
    load: LoadOption,
  ): Promise<bigint> {
    if (typeof position !== "bigint" || position < 0n)
      throw new InvalidOptionError(`DynamoCheckpoints.${call}`, "position", position, "a bigint of at least 0n")
    let isDecidedToWrite = false
    const decide = (state: ReaderState) => {
      const events = rule(state, position, this.#now, this.#freqS)
      isDecidedToWrite = events.length > 0
      return { result: positionAfter(state, events), events }
    }
    const decider = this.#decider(call, groupName, trancheId)
    const stored = await decider.transactResult(decide, load, attempts)
    // A write has proved what is stored. What the cache knows may be old: somebody else may have stored a higher one.
    if (isDecidedToWrite || load.type === LoadOption.RequireLeader.type) return stored
    return decider.transactResult(decide, LoadOption.RequireLeader, attempts)
  }

  get #now(): number {
    return this.#context.clock.now()
  }

  #decider(call: string, groupName: string, trancheId: string): Decider<ReaderEvent, ReaderState> {
    const where = `DynamoCheckpoints.${call}`
    checkGroupName(where, groupName)
    if (typeof trancheId !== "string" || !/^(0|[1-9]\d*)$/.test(trancheId))
      throw new InvalidOptionError(where, "trancheId", trancheId, "the number of a partition, without leading zeros")
    return Decider.forStream(this.#category, `${trancheId}_${groupName}`)
  }
}

/** In the id of the stream, `_` separates the group from the partition; the published packages can read no other id. */
export function checkGroupName(where: string, groupName: unknown): void {
  if (typeof groupName !== "string" || groupName === "" || groupName.includes("_"))
    throw new InvalidOptionError(where, "groupName", groupName, `a non-empty string without "_"`)
}

/** Neither load nor commit nor override ends with nothing stored. */
function positionAfter(state: ReaderState, events: readonly ReaderEvent[]): bigint {
  return fold(state, events)!.position
}
