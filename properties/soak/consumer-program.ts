/*
 * The program of one process of a soak, a consumer or an indexer, which can be killed at any moment.
 *
 * What happens in it goes into a file, one line for each event, each written before the program goes on. A write that has
 * returned survives the process, so the file of a killed consumer lacks nothing that had an effect outside of it.
 */
import { openSync, writeSync } from "node:fs"
import { systemClock } from "../../engine/clock.js"
import { liveWorld } from "../../sim/live-world.js"
import type { ProcessContext } from "../../sim/world.js"
import { host } from "../deployment/host.js"
import type { ConsumerOptions } from "../stage.js"
import type { Trouble } from "../trouble.js"
import { type OpenStage, openStage, type StoreAddress } from "./soak-store.js"
import { stampedLine } from "./stamped-line.js"

/** What a process gets to know: everything that is not in its program. */
export interface ConsumerOrder {
  /** Unique among all starts of all processes. */
  readonly name: string
  readonly seed: number
  readonly traceFile: string
  readonly store: StoreAddress
  /** What befalls its calls. */
  readonly trouble: Trouble
  readonly role: Role
}

export type Role =
  | { readonly kind: "index" }
  | {
      readonly kind: "consume"
      readonly options: Omit<ConsumerOptions, "handler"> & Partial<Record<"member" | "size", number>>
      /** The longest that a call of the handler takes, in milliseconds. */
      readonly handlingMs: number
    }

const memoryEveryMs = 1_000

async function serve(order: ConsumerOrder, stop: AbortSignal): Promise<void> {
  const file = openSync(order.traceFile, "a")
  const world = liveWorld({ seed: order.seed })
  world.trace.subscribe((event) => writeSync(file, stampedLine(event)))
  const open = await openStage(world, order.store)
  const served = world.process(order.name, (self) => play(open, self, order.role))
  for (const plan of order.trouble) world.fault({ ...plan, process: order.name })
  if (stop.aborted) served.stop()
  stop.addEventListener("abort", () => served.stop())
  const over = new AbortController()
  const memory = tellMemory((count) => world.trace.emit({ kind: "Probe", of: "rss", count }), over.signal)
  await served.ended
  over.abort()
  await memory
  world.close()
  await open.close()
  process.disconnect()
}

function play(open: OpenStage, self: ProcessContext, role: Role): Promise<void> {
  if (role.kind === "index") return open.index(self)
  const handler = async () => {
    const ms = self.random.integer(0, role.handlingMs)
    if (ms > 0) await self.clock.sleep(ms)
  }
  return host(open, self, { ...role.options, handler })
}

async function tellMemory(tell: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    tell(process.memoryUsage.rss())
    await systemClock.sleep(memoryEveryMs, signal)
  }
}

// Nobody outlives the soak.
process.once("disconnect", () => process.exit())
// It may be asked to stop before it has begun to consume.
const stopping = new AbortController()
process.on("message", (message: ConsumerOrder | "stop") => {
  if (message === "stop") return stopping.abort()
  void serve(message, stopping.signal).catch((error: unknown) => {
    process.stderr.write(`${message.name} fails, and is started again: ${(error as Error).message}\n`, () =>
      process.exit(1),
    )
  })
})
