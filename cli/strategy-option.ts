import { delayBounded } from "../sim/strategies/delay-bounded.js"
import { withLatencies } from "../sim/strategies/latencies.js"
import { pct } from "../sim/strategies/pct.js"
import { portfolio } from "../sim/strategies/portfolio.js"
import { skewed } from "../sim/strategies/skewed.js"
import { fifo, random, type Strategy } from "../sim/strategy.js"
import { wrongValue } from "./usage-error.js"

/** A strategy that the command line has a name for. */
interface NamedStrategy {
  readonly name: string
  /** What may follow the name after a colon. */
  readonly parameter?: { readonly name: string; readonly least: number; readonly usual: number }
  readonly about: string
  make(parameter: number): Strategy
}

/**
 * What is about orders goes without latency: then all that is under way is ready together, and the strategy alone says
 * who waits.
 */
const known: readonly NamedStrategy[] = [
  { name: "portfolio", about: "another of the others for each run, drawn from its seed", make: () => portfolio },
  { name: "random", about: "whatever is ready, each as likely as the others", make: () => random },
  {
    name: "pct",
    parameter: { name: "depth", least: 1, usual: 3 },
    about: "priorities that change depth - 1 times",
    make: (depth) => withLatencies(pct(depth), "none"),
  },
  {
    name: "skewed",
    about: "as random, but some are far likelier than others",
    make: () => withLatencies(skewed(), "none"),
  },
  {
    name: "delay-bounded",
    parameter: { name: "n", least: 0, usual: 5 },
    about: "first in, first out, but for n delays",
    make: (delays) => withLatencies(delayBounded(delays), "none"),
  },
  { name: "fifo", about: "first in, first out: an ordinary day", make: () => fifo },
]

/** The strategy that is used where none is named. */
export const usualStrategy = "portfolio"

const formOf = ({ name, parameter }: NamedStrategy) => (parameter === undefined ? name : `${name}[:${parameter.name}]`)

/** A line for each strategy: what to write, and what it does. */
export const strategyLines: readonly string[] = known.map((each) => {
  const usual = each.parameter === undefined ? "" : `, usually ${each.parameter.usual}`
  return `${formOf(each).padEnd(18)} ${each.about}${usual}`
})

/** @throws UsageError */
export function strategyNamed(text: string): Strategy {
  const [, name, given] = /^([a-z-]+)(?::(\d{1,4}))?$/.exec(text) ?? []
  const found = known.find((each) => each.name === name)
  const parameter = given === undefined ? (found?.parameter?.usual ?? 0) : Number(given)
  const isFit = given === undefined || (found?.parameter !== undefined && parameter >= found.parameter.least)
  if (found === undefined || !isFit) throw wrongValue("--strategy", text, `one of ${known.map(formOf).join(", ")}`)
  return found.make(parameter)
}
