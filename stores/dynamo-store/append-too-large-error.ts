import { maxItemBytes } from "./service-size.js"

/** An append that the service would refuse, whatever is done about the stream. Nothing was sent. */
export class AppendTooLargeError extends Error {
  override readonly name = "AppendTooLargeError"
  readonly stream: string
  /** What the item would measure, as the service counts. */
  readonly itemBytes: number
  constructor(stream: string, itemBytes: number, events: number, unfolds: number) {
    super(
      `stream "${stream}": the item would be ${itemBytes} bytes with ${events} new events and ${unfolds} unfolds; ` +
        `DynamoDB takes items of up to ${maxItemBytes} bytes`,
    )
    this.stream = stream
    this.itemBytes = itemBytes
  }
}
