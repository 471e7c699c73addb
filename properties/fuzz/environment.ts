import { InvalidOptionError } from "../../engine/options.js"
import { durationMs } from "../duration.js"

/** What the environment has to say about how reactions are fuzzed. */
export interface FuzzEnvironment {
  /** `WINDTUNNEL_TIME`: milliseconds for each reaction, such as `10m` for the night. */
  readonly timeMs: number | undefined
  /** `WINDTUNNEL_SEED`. */
  readonly seed: string | undefined
  /** `WINDTUNNEL_CASE`: the file of a case; it is all that is run. */
  readonly caseFile: string | undefined
  /** Failures are to be annotations: on GitHub Actions, where no test runner sees to it. */
  readonly annotates: boolean
}

/** @throws InvalidOptionError when `WINDTUNNEL_TIME` is no duration */
export function fuzzEnvironment(variables: NodeJS.ProcessEnv = process.env): FuzzEnvironment {
  const { WINDTUNNEL_TIME: time, WINDTUNNEL_SEED: seed, WINDTUNNEL_CASE: caseFile } = variables
  const timeMs = time === undefined ? undefined : durationMs(time)
  if (time !== undefined && timeMs === undefined)
    throw new InvalidOptionError(
      "fuzz",
      "WINDTUNNEL_TIME",
      time,
      "a duration from 1ms to 24h with its unit, such as 500ms, 10s or 2m",
    )
  const annotates = variables["GITHUB_ACTIONS"] === "true" && variables["VITEST"] === undefined
  return { timeMs, seed, caseFile, annotates }
}

/** A failure as GitHub Actions shows it beside the change that is looked at. */
export const annotation = (title: string, message: string): string =>
  `::error title=${escaped(title).replaceAll(":", "%3A").replaceAll(",", "%2C")}::${escaped(message)}`

const escaped = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")
