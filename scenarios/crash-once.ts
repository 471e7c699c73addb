import type { Process, World } from "../sim/world.js"

/**
 * Crashes a process once, `withinMs` milliseconds from now at the latest, and starts it again: trouble that every run
 * meets, also a single one on a real store.
 */
export async function crashOnce(world: World, process: Process, withinMs: number): Promise<void> {
  const { clock, random } = world
  await clock.sleep(random.integer(0, withinMs))
  if (process.state === "running") process.crash()
  await clock.sleep(random.integer(1, 60))
  if (process.state === "crashed") process.restart()
}
