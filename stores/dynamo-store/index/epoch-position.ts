import { InvalidOptionError } from "../../../engine/options.js"

/** The offsets of one epoch: how far apart the positions at which two epochs start are. */
const eventsPerEpoch = 1_000_000n

/**
 * A place in the index of one partition as one number: `epoch * 1_000_000 + offset`, where the offset is the index of the
 * event of the epoch's stream that is read next. Positions grow with what has been read, across epochs too.
 */
export const EpochPosition = {
  eventsPerEpoch,
  /** The position of an event of an epoch. @throws InvalidOptionError for what is no place in an epoch. */
  of(epoch: number, offset: number): bigint {
    if (!Number.isSafeInteger(epoch) || epoch < 0)
      throw new InvalidOptionError("EpochPosition.of", "epoch", epoch, "an integer of at least 0")
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > Number(eventsPerEpoch))
      throw new InvalidOptionError("EpochPosition.of", "offset", offset, `an integer from 0 to ${eventsPerEpoch}`)
    return BigInt(epoch) * eventsPerEpoch + BigInt(offset)
  },
  /** Where to go on after an epoch that is closed: the start of the next one. */
  closed(epoch: number): bigint {
    return EpochPosition.of(epoch + 1, 0)
  },
  /** @throws InvalidOptionError for a negative position. */
  parse(position: bigint): { readonly epoch: number; readonly offset: number } {
    const epoch = Number(position / eventsPerEpoch)
    if (position < 0n || !Number.isSafeInteger(epoch))
      throw new InvalidOptionError("EpochPosition.parse", "position", position, "a position in the index, 0n or more")
    return { epoch, offset: Number(position % eventsPerEpoch) }
  },
  /** For people: `epoch@offset`. Stored is the decimal text of the number. */
  format(position: bigint): string {
    const { epoch, offset } = EpochPosition.parse(position)
    return `${epoch}@${offset}`
  },
}
