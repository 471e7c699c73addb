import fc from "fast-check"
import type { ICheckpoints } from "../../engine/checkpoints.js"
import type { ProcessContext } from "../../sim/world.js"
import { trouble, troubling } from "../trouble.js"
import { allDone } from "./all-done.js"
import { CheckpointLedger } from "./checkpoint-ledger.js"
import { judging } from "./judged.js"
import type { StageOnAdapter } from "./stage-on-adapter.js"

/** Groups, and which of two tranches. */
const keys = [
  ["mails", 0],
  ["mails", 1],
  ["totals", 0],
] as const

const step = fc.oneof(
  fc.record({ what: fc.constant("load" as const), key: fc.nat(keys.length - 1), origin: fc.option(fc.nat(50)) }),
  fc.record({ what: fc.constant("commit" as const), key: fc.nat(keys.length - 1), position: fc.nat(50) }),
)
const client = fc.array(fc.record({ step, afterMs: fc.nat(15) }), { minLength: 1, maxLength: 8 })

/** Instances that load and commit positions of a few keys side by side, and die, and lose replies. */
export const checkpointSetup = fc.record({
  clients: fc.array(client, { minLength: 1, maxLength: 3 }),
  /** Whether positions are beyond what a number of JavaScript can tell apart. */
  large: fc.boolean(),
  crashes: fc.array(fc.record({ client: fc.nat(2), afterMs: fc.nat(40), pauseMs: fc.nat(20) }), { maxLength: 2 }),
  trouble: trouble(["lost request", "lost reply", "delay", "crash", "store", "pause"]),
})

type CheckpointSetup = typeof checkpointSetup extends fc.Arbitrary<infer Setup> ? Setup : never
type Step = CheckpointSetup["clients"][number][number]["step"]

export async function checkpointHistory(stage: StageOnAdapter, setup: CheckpointSetup): Promise<void> {
  const { world } = stage
  const ledger = new CheckpointLedger(judging(world.trace))
  const ends = setup.clients.map((_, n) => troubling(stage, `client-${n}`, setup.trouble))
  const clients = setup.clients.map((steps, n) => {
    let done = 0
    return stage.process(`client-${n}`, async (self) => {
      // Another incarnation goes on behind what the one before it had begun.
      while (done < steps.length) {
        const { step, afterMs } = steps[done++]!
        await self.clock.sleep(afterMs, self.signal)
        await attempted(() => take(stage, self, step, setup.large, ledger))
      }
    })
  })
  for (const { client, afterMs, pauseMs } of setup.crashes) {
    const struck = clients[client % clients.length]!
    await world.clock.sleep(afterMs)
    struck.crash()
    await world.clock.sleep(pauseMs)
    if (struck.state === "crashed") struck.restart()
  }
  await allDone(world, clients)
  for (const end of ends) end()
  const ending = await stage.process("reader", async (self) => {
    for (const key of keys.keys()) await take(stage, self, { what: "load", key, origin: null }, setup.large, ledger)
  }).ended
  if (ending.kind === "failed") throw ending.error
}

/** What fails in trouble is not repeated: whether it took effect is open. */
async function attempted(call: () => Promise<void>): Promise<void> {
  try {
    await call()
  } catch {
    return
  }
}

async function take(
  stage: StageOnAdapter,
  self: ProcessContext,
  step: Step,
  large: boolean,
  ledger: CheckpointLedger,
): Promise<void> {
  const { checkpoints } = await stage.opened(self)
  const [group, nth] = keys[step.key]!
  const tranche = stage.tranches[nth]
  const key = `(${group}, ${tranche})`
  /** No two keys have a position in common. */
  const positionOf = (n: number) => BigInt(n * keys.length + step.key + 1) + (large ? 2n ** 53n : 0n)
  if (step.what === "commit")
    return commit(checkpoints!, self, { group, tranche, key }, positionOf(step.position), ledger)
  const { origin } = step
  const asked = ledger.loadBegins(key, origin === null ? undefined : positionOf(origin))
  const establish = async () => {
    ledger.originOffered(key, positionOf(origin!))
    return positionOf(origin!)
  }
  const position = await checkpoints!.load(group, tranche, ...(origin === null ? [] : [establish]))
  tell(self, `loads ${position} of ${key}`)
  ledger.loadAnswered(asked, position)
}

async function commit(
  checkpoints: ICheckpoints,
  self: ProcessContext,
  { group, tranche, key }: { readonly group: string; readonly tranche: string; readonly key: string },
  position: bigint,
  ledger: CheckpointLedger,
): Promise<void> {
  tell(self, `commits ${position} of ${key}`)
  const write = ledger.commitBegins(key, position)
  await checkpoints.commit(group, tranche, position)
  tell(self, `has committed ${position} of ${key}`)
  ledger.commitAnswered(write)
}

const tell = (self: ProcessContext, effect: string) => self.trace.emit({ kind: "Effect", process: self.id, effect })
