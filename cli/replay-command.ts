import type { StoreName } from "./run-options.js"

/** The one command that runs one history again. */
export const replayCommand = (scenario: string, store: StoreName, seed: number | string): string =>
  `npx windtunnel run ${scenario} --store ${store} --seed ${seed} --runs 1`
