import type { Process, World } from "../../sim/world.js"

const pollMs = 5

/** Resolves when none of them has anything left to do: what trouble killed is started again first, and does the rest. */
export async function allDone({ clock }: World, processes: readonly Process[]): Promise<void> {
  while (processes.some(({ state }) => state !== "ended" && state !== "failed")) await clock.sleep(pollMs)
}
