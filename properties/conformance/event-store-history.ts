import fc from "fast-check"
import type { ProcessContext } from "../../sim/world.js"
import { trouble, troubling } from "../trouble.js"
import type { NewEvent } from "./adapter.js"
import { allDone } from "./all-done.js"
import { type Judge, judging } from "./judged.js"
import type { StageOnAdapter } from "./stage-on-adapter.js"
import { StreamLedger, type Write } from "./stream-ledger.js"

const streams = ["account-0", "account-1", "order-0+part"]
const retryMs = 10
const mostAttempts = 50

const text = fc.constantFrom("", "plain", `"quoted" \\ back`, "ünï 日本 🎈", "{}")
const body = fc.record({ n: fc.constantFrom(0, -1, 1.5, 9007199254740991), text })
const step = fc.record({
  stream: fc.nat(streams.length - 1),
  bodies: fc.array(body, { minLength: 1, maxLength: 3 }),
  /** By how much what is expected is off what was read; null: nothing is expected. */
  off: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1, null)),
  afterMs: fc.nat(10),
})

/** Clients that read a stream and append to it, side by side, and repeat what was not answered. */
export const eventStoreSetup = fc.record({
  clients: fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
  trouble: trouble(["lost request", "lost reply", "delay", "crash", "store", "pause"]),
})

type EventStoreSetup = typeof eventStoreSetup extends fc.Arbitrary<infer Setup> ? Setup : never
type Step = EventStoreSetup["clients"][number][number]

export async function eventStoreHistory(stage: StageOnAdapter, setup: EventStoreSetup): Promise<void> {
  const { world } = stage
  const judge = judging(world.trace)
  const ledger = new StreamLedger(judge)
  const ends = setup.clients.map((_, n) => troubling(stage, `client-${n}`, setup.trouble))
  const clients = setup.clients.map((steps, n) => {
    let done = 0
    return stage.process(`client-${n}`, async (self) => {
      const client = new Client(stage, self, ledger)
      while (done < steps.length) {
        const step = steps[done++]!
        await self.clock.sleep(step.afterMs, self.signal)
        await client.take(step)
      }
    })
  })
  await allDone(world, clients)
  for (const end of ends) end()
  const ending = await stage.process("reader", (self) => alone(new Client(stage, self, ledger), judge)).ended
  if (ending.kind === "failed") throw ending.error
}

/** When nobody else writes: everything is read, and an append that expects what was read succeeds. */
async function alone(client: Client, judge: Judge): Promise<void> {
  for (const stream of streams) {
    const length = await client.read(stream)
    const appended = await client.append(stream, [{ n: 0, text: "" }], length)
    judge(
      "no false conflict",
      appended === "appended"
        ? undefined
        : `${stream}: an append that expects the ${length} events that were read: ${appended}`,
    )
    await client.read(stream)
  }
}

class Client {
  readonly #stage: StageOnAdapter
  readonly #self: ProcessContext
  readonly #ledger: StreamLedger

  constructor(stage: StageOnAdapter, self: ProcessContext, ledger: StreamLedger) {
    this.#stage = stage
    this.#self = self
    this.#ledger = ledger
  }

  /** What fails in trouble is left at that: whether it took effect is open. */
  async take({ stream: n, bodies, off }: Step): Promise<void> {
    const stream = streams[n]!
    const length = await this.#repeated(() => this.read(stream))
    if (length === undefined) return
    const expected = off === null || !this.#stage.can("expected version") ? "any" : Math.max(0, length + off)
    await this.append(stream, bodies, expected)
    await this.#repeated(() => this.read(stream))
  }

  async read(stream: string): Promise<number> {
    const { events } = await this.#stage.opened(this.#self)
    const asked = this.#ledger.readBegins(stream)
    const found = await events!.read(stream)
    this.#tell(`reads ${found.length} of ${stream}`)
    this.#ledger.readAnswered(asked, found)
    return found.length
  }

  /** Answers what became of it. */
  async append(
    stream: string,
    bodies: readonly object[],
    expected: number | "any",
  ): Promise<"appended" | "conflict" | "unknown"> {
    const batch = bodies.map((body): NewEvent => {
      const id = this.#self.random.uuid()
      return { id, type: "Happened", data: JSON.stringify(body) }
    })
    const write = this.#ledger.appendBegins(stream, batch, expected)
    this.#tell(`appends ${batch.length} to ${stream}, expecting ${expected}`)
    const appended = await this.#repeated(() => this.#attempt(write))
    if (appended === undefined) return "unknown"
    this.#tell(appended.kind === "conflict" ? `meets a conflict` : `has appended at ${stream}@${appended.index}`)
    this.#ledger.appendAnswered(write, appended)
    return appended.kind
  }

  async #attempt(write: Write) {
    const { events } = await this.#stage.opened(this.#self)
    write.attempts++
    return events!.append(write.stream, write.events, write.expected)
  }

  /** Until it is answered, where a second attempt does no harm; else once. */
  async #repeated<T>(call: () => Promise<T>): Promise<T | undefined> {
    const most = this.#stage.can("repeated appends") ? mostAttempts : 1
    for (let attempt = 1; ; attempt++) {
      try {
        return await call()
      } catch {
        if (attempt >= most) return undefined
        await this.#self.clock.sleep(retryMs)
      }
    }
  }

  #tell(effect: string): void {
    this.#self.trace.emit({ kind: "Effect", process: this.#self.id, effect })
  }
}
