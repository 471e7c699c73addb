import * as v from "valibot"
import { integer, InvalidOptionError, optional } from "../../engine/options.js"

/** One of `consumerGroupSize` consumers that share the streams of a category among them. */
export interface ConsumerGroupMember {
  /** An integer from 0, below the size. */
  readonly consumerGroupMember: number
  /** An integer from 1 to 32767: Message DB computes with a smallint. */
  readonly consumerGroupSize: number
}

export const largestGroup = 32_767

export const batchSize = optional(integer(1))

export const categoryName = v.custom<string>(
  (x) => typeof x === "string" && x !== "" && !x.includes("-"),
  `a non-empty string without "-"`,
)

/** Both or neither, and within their bounds. @throws InvalidOptionError */
export function checkConsumerGroup(where: string, options: Partial<ConsumerGroupMember>): void {
  const { consumerGroupMember: member, consumerGroupSize: size } = options
  if (member === undefined && size === undefined) return
  if (!Number.isSafeInteger(size) || size! < 1 || size! > largestGroup)
    throw new InvalidOptionError(
      where,
      "consumerGroupSize",
      size,
      `an integer from 1 to ${largestGroup} when a member is given`,
    )
  if (!Number.isSafeInteger(member) || member! < 0 || member! >= size!)
    throw new InvalidOptionError(
      where,
      "consumerGroupMember",
      member,
      `an integer from 0 to ${size! - 1}, below consumerGroupSize`,
    )
}
