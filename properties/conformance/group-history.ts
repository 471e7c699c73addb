import fc from "fast-check"
import { crashOnce, crashWithin } from "../deployment/crash-once.js"
import { handlingTime, takingTime } from "../deployment/handling-time.js"
import { history, writing } from "../deployment/history.js"
import { host } from "../deployment/host.js"
import { rest } from "../deployment/rest.js"
import { tuning } from "../deployment/tuning.js"
import { trouble, troubling } from "../trouble.js"
import type { StageOnAdapter } from "./stage-on-adapter.js"

const category = "order"
const largest = 4

/** A group of one to four members over one category; one of them is in trouble and dies once. */
export const groupSetup = fc.record({
  members: fc.array(fc.record({ tuning, time: handlingTime }), { minLength: 1, maxLength: largest }),
  history: history({ categories: [category], streams: [1, 10], appends: 20, pauseMs: 15 }),
  victim: fc.nat(largest - 1),
  crash: crashWithin(150),
  trouble: trouble(),
  calmAfterMs: fc.nat(60),
})

type GroupSetup = typeof groupSetup extends fc.Arbitrary<infer Setup> ? Setup : never

export async function groupHistory(stage: StageOnAdapter, setup: GroupSetup): Promise<void> {
  const { world } = stage
  const size = setup.members.length
  const victim = setup.victim % size
  const endTrouble = troubling(stage, `member-${victim}`, setup.trouble)
  const members = setup.members.map(({ tuning, time }, member) =>
    stage.process(`member-${member}`, (self) => {
      const handler = takingTime(self, time)
      return host(stage, self, { group: "reactor", categories: [category], member, size, ...tuning, handler })
    }),
  )
  const crashed = crashOnce(world, members[victim]!, setup.crash)
  await stage.process("writer", writing(stage, setup.history)).ended
  await crashed
  await world.clock.sleep(setup.calmAfterMs)
  endTrouble()
  await rest(stage, members)
}
