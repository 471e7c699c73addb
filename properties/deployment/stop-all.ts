import type { Process } from "../../sim/world.js"

/** Asks all of them to stop and waits until the last one did. */
export async function stopAll(processes: readonly Process[]): Promise<void> {
  for (const process of processes) process.stop()
  await Promise.all(processes.map((process) => process.ended))
}
