import fc from "fast-check"
import type { ITimelineEvent } from "../../engine/timeline-event.js"
import type { StreamName } from "../../engine/stream-name.js"
import { onAnyStore, type Scenario } from "../../properties/scenario.js"
import type { Handler, Stage } from "../../properties/stage.js"
import type { ProcessContext } from "../../sim/world.js"
import { deploy, deploymentSetup } from "./deployment.js"
import { type Effects, Outside } from "./outside.js"

/** Makes the handler of one incarnation of a process: what it keeps in memory is gone with it. */
export type Reaction = (effects: Effects, self: Pick<ProcessContext, "clock">) => Handler

/**
 * A reaction with effects, whose process crashes and whose calls get lost. The run fails unless what there is to see in
 * the end is what there would be if each event had been delivered once, alone, in order.
 */
export function reacting(name: string, consumers: number, reaction: Reaction): Scenario {
  const { answers: _, ...setup } = deploymentSetup(["a"])
  return onAnyStore({
    name,
    title: `A reaction with effects, in ${consumers === 1 ? "one consumer" : `${consumers} consumers`}`,
    setup: fc.record(setup),
    async run(stage, setup) {
      const outside = new Outside()
      const appended = watchAppended(stage)
      await deploy(
        stage,
        { ...setup, answers: [] },
        {
          categories: ["a"],
          consumers,
          reaction(self) {
            const tell = (effect: string, on?: string) =>
              stage.world.trace.emit({ kind: "Effect", process: self.id, effect, ...(on !== undefined && { on }) })
            return reaction(self.port("outside", outside.effects(tell)), self)
          },
        },
      )
      const difference = differenceOf(await onceInOrder(reaction, appended, stage), outside.visible)
      if (difference !== undefined)
        throw new Error(`the effects are not those of each event once, in order: ${difference}`)
    },
  })
}

function watchAppended({ world }: Stage): ReadonlyMap<string, number> {
  const appended = new Map<string, number>()
  world.trace.subscribe((event) => {
    if (event.kind === "Appended") appended.set(event.stream, event.index + 1)
  })
  return appended
}

/** What there is to see when each event is delivered once, alone, in order, and nothing goes wrong. */
async function onceInOrder(
  reaction: Reaction,
  appended: ReadonlyMap<string, number>,
  { world }: Stage,
): Promise<readonly string[]> {
  const outside = new Outside()
  const handle = reaction(
    outside.effects(() => undefined),
    world,
  )
  for (const [stream, version] of appended)
    for (let index = 0; index < version; index++) await handle(stream as StreamName, [eventAt(index)])
  return outside.visible
}

const eventAt = (index: number): ITimelineEvent => ({
  id: "",
  time: new Date(0),
  type: "Happened",
  index: BigInt(index),
  isUnfold: false,
  size: -1,
})

function differenceOf(expected: readonly string[], seen: readonly string[]): string | undefined {
  const tooMuch = without(seen, expected)
  const missing = without(expected, seen)
  if (tooMuch.length === 0 && missing.length === 0) return undefined
  const parts = [
    ...(missing.length > 0 ? [`missing is ${missing[0]!}`] : []),
    ...(tooMuch.length > 0 ? [`too much is ${tooMuch[0]!}`] : []),
  ]
  return parts.join("; ")
}

/** What of the first list the second does not have, each as often as it is there. */
function without(list: readonly string[], other: readonly string[]): readonly string[] {
  const left = [...other]
  return list.filter((item) => {
    const at = left.indexOf(item)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
