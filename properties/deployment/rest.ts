import type { Stage } from "../stage.js"
import type { Process } from "../../sim/world.js"
import { stopAll } from "./stop-all.js"

/** More than any run needs once its input has ended: whoever needs longer hangs. */
const usualPatienceMs = 20_000

/** Lets the deployment come to rest, which is when the properties ask whether all was handled, and then stops it. */
export async function rest(stage: Stage, consumers: readonly Process[], patienceMs = usualPatienceMs): Promise<void> {
  await stage.settle(patienceMs, consumers)
  await stopAll(consumers)
}
