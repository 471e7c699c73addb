import type { Happening, ItemRef, Stamp, TraceEvent } from "../sim/trace.js"

/**
 * Traces as text, one event a line, for tests and for people:
 *
 *     run r1 c#1 sink=s1 group=g tranche=A only=A,B member=0/3 streams=10 ahead=3 tail=50 every=100 tries=3 idle=2 backoff=10/200
 *                                              (and `complete=yes`)
 *     loaded r1 0
 *     read r1 #1 0..3 A-1@0 A-1@1 A-2@0        (`tail` after the range: the page says that it is the tail)
 *     admit r1 #1
 *     call s1 #1 A-1@0..1                      (a list of events when the call is no proper span: A-1@0,A-1@2)
 *     return s1 #1 all | none | partial 1 | override 7 | nonsense | as 5
 *                                              (`as` tells another next index than the result says)
 *     throw s1 #1 out of paper
 *     complete r1 #1 3
 *     commit r1 3 · committed r1 3 [stored=5] · failed r1 3
 *     misread r1 page out of reach             (`position` where it was that which could not be read; before the words,
 *                                              `transient`, `configuration` or `permanent`)
 *     append A-1@0 A 1 · again A-1@0 A 7 · override g A 3 · crash c#1 · abort c#1 · fault delay c#1 [30] · resume c#1 · end r1 ok · quiescent
 *     effect c#1 [on=row] writes 1 · slept s1 50 · probe s1 listeners 1
 *
 * Bodies follow an event after `=`: `A-1@0=x`; what failed may be followed by the words of the error. `at 50` sets the time
 * of what follows, `turn 3` its turn. `#` starts a comment line.
 */
export function parseTrace(text: string): TraceEvent[] {
  const reader = new Reader()
  const events: TraceEvent[] = []
  for (const line of text.split("\n").map((l) => l.trim())) {
    if (line === "" || line.startsWith("#")) continue
    const happening = reader.read(line)
    if (happening !== undefined) events.push({ ...happening, n: events.length, ...reader.stamp })
  }
  return events
}

interface Run {
  readonly key: string
  readonly tranche: string
}

class Reader {
  stamp: Omit<Stamp, "n"> = { t: 0 }
  readonly #runs = new Map<string, Run>()
  readonly #calls = new Map<string, { stream: string; items: ItemRef[] }>()

  read(line: string): Happening | undefined {
    const [verb = "", ...words] = line.split(/\s+/)
    const [a = "", b = "", c = "", ...rest] = words
    switch (verb) {
      case "at":
        this.stamp = { ...this.stamp, t: Number(a) }
        return undefined
      case "turn":
        this.stamp = { ...this.stamp, turn: Number(a) }
        return undefined
      case "append":
        return { kind: "Appended", ...item(a), tranche: b, pos: BigInt(c) }
      case "again":
        return { kind: "AppendedAgain", ...item(a), tranche: b, pos: BigInt(c) }
      case "run":
        return this.#run(a, b, words.slice(2))
      case "loaded":
        return { kind: "Loaded", run: a, ...this.#key(a), position: BigInt(b) }
      case "read":
        return readPage(a, b, c, rest)
      case "admit":
        return { kind: "Admitted", run: a, seq: number(b) }
      case "call":
        return this.#call(a, number(b), c)
      case "return":
        return this.#return(a, number(b), words.slice(2))
      case "throw":
        return {
          kind: "CallThrew",
          sink: a,
          call: number(b),
          stream: this.#started(a, b).stream,
          error: words.slice(2).join(" "),
        }
      case "complete":
        return { kind: "Completed", run: a, seq: number(b), checkpoint: BigInt(c) }
      case "commit":
        return { kind: "CommitStarted", run: a, ...this.#key(a), position: BigInt(b) }
      case "committed":
        return {
          kind: "CommitDone",
          run: a,
          ...this.#key(a),
          position: BigInt(b),
          stored: BigInt(c === "" ? b : value(c)),
        }
      case "failed":
        return {
          kind: "CommitFailed",
          run: a,
          ...this.#key(a),
          position: BigInt(b),
          error: words.slice(2).join(" ") || "connection lost",
        }
      case "misread":
        return misread(a, b, words.slice(2))
      case "override":
        return { kind: "Override", group: a, tranche: b, position: BigInt(c) }
      case "crash":
        return { kind: "Crashed", process: a }
      case "abort":
        return { kind: "AbortRequested", process: a }
      case "fault":
        return { kind: "Fault", fault: a, process: b, port: "", operation: "", ...(c !== "" && { ms: Number(c) }) }
      case "resume":
        return { kind: "Resumed", process: a }
      case "effect":
        return effectOf(a, words.slice(1))
      case "slept":
        return { kind: "Slept", sink: a, ms: Number(b) }
      case "probe":
        return { kind: "Probe", sink: a, of: b, count: Number(c) }
      case "end":
        return { kind: "RunEnded", run: a, ...outcome(b, words.slice(2).join(" ")) }
      case "quiescent":
        return { kind: "Quiescent" }
      default:
        throw new Error(`unknown word "${verb}" in trace line "${line}"`)
    }
  }

  #run(run: string, process: string, options: readonly string[]): Happening {
    const given = new Map(options.map((o) => [o.slice(0, o.indexOf("=")), value(o)]))
    const [group, tranche, sink] = [given.get("group") ?? "g", given.get("tranche") ?? "A", given.get("sink") ?? "s1"]
    const [member, size] = given.get("member")?.split("/").map(Number) ?? []
    const [readBackOffMs, maxReadBackOffMs] = given.get("backoff")?.split("/").map(Number) ?? []
    const only = given.get("only")?.split(",")
    this.#runs.set(run, { key: member === undefined ? group : `${group}-${member}`, tranche })
    return {
      kind: "RunStarted",
      ...{ run, process, sink, group, tranche },
      ...(only !== undefined && { categories: only }),
      ...(member !== undefined && size !== undefined ? { member, size } : {}),
      maxConcurrentStreams: Number(given.get("streams") ?? 10),
      maxReadAhead: Number(given.get("ahead") ?? 3),
      ...(given.has("complete") && { requireCompleteStreams: given.get("complete") === "yes" }),
      ...(given.has("tail") && { tailSleepIntervalMs: Number(given.get("tail")) }),
      ...(given.has("every") && { checkpointIntervalMs: Number(given.get("every")) }),
      ...(given.has("tries") && { maxCheckpointFailures: Number(given.get("tries")) }),
      ...(given.has("idle") && { maxIdleStreams: Number(given.get("idle")) }),
      ...(readBackOffMs !== undefined && { readBackOffMs }),
      ...(maxReadBackOffMs !== undefined && { maxReadBackOffMs }),
    }
  }

  #key(run: string): { group: string; tranche: string } {
    const { key, tranche } = this.#runs.get(run) ?? { key: "g", tranche: "A" }
    return { group: key, tranche }
  }

  #call(sink: string, call: number, what: string): Happening {
    const items = span(what)
    const { stream, index } = items[0] ?? { stream: what.split("@")[0]!, index: 0 }
    this.#calls.set(`${sink} ${call}`, { stream, items })
    return { kind: "CallStarted", sink, call, stream, first: index, count: items.length, items }
  }

  #return(sink: string, call: number, [word = "", given = ""]: readonly string[]): Happening {
    const { stream, items } = this.#started(sink, `#${call}`)
    const first = items[0]?.index ?? 0
    const base = { kind: "CallReturned", sink, call, stream, items } as const
    if (word === "none") return { ...base, result: "NoneProcessed", next: first }
    if (word === "partial") return { ...base, result: `PartiallyProcessed(${given})`, next: first + Number(given) }
    if (word === "override") return { ...base, result: `OverrideNextIndex(${given})`, next: Number(given) }
    if (word === "nonsense") return { ...base, result: "no result (string)", next: first }
    if (word === "as") return { ...base, result: "AllProcessed", next: Number(given) }
    if (word === "changed") return { ...base, result: "AllProcessed", next: first + items.length, items: span(given) }
    return { ...base, result: "AllProcessed", next: first + items.length }
  }

  #started(sink: string, call: string): { stream: string; items: ItemRef[] } {
    const started = this.#calls.get(`${sink} ${number(call)}`)
    if (started === undefined) throw new Error(`call ${call} of ${sink} was never started`)
    return started
  }
}

function effectOf(process: string, words: readonly string[]): Happening {
  const [first = "", ...others] = words
  if (!first.startsWith("on=")) return { kind: "Effect", process, effect: words.join(" ") }
  return { kind: "Effect", process, on: value(first), effect: others.join(" ") }
}

function outcome(word: string, error: string): { outcome: "ok" } | { outcome: "error"; error?: string } {
  if (word === "ok") return { outcome: "ok" }
  return { outcome: "error", ...(error !== "" && { error }) }
}

const value = (option: string): string => option.slice(option.indexOf("=") + 1)

const number = (text: string): number => Number(text.replace("#", ""))

const classes = ["transient", "configuration", "permanent"] as const

function misread(run: string, what: string, words: readonly string[]): Happening {
  const known = classes.find((each) => each === words[0])
  const error = words.slice(known === undefined ? 0 : 1).join(" ")
  const classified = known === undefined ? {} : { class: known }
  return { kind: "ReadFailed", run, what: what === "page" ? what : "position", ...classified, error }
}

function readPage(run: string, seq: string, range: string, rest: readonly string[]): Happening {
  const [from = "0", checkpoint = "0"] = range.split("..")
  const items = rest.filter((word) => word !== "tail").flatMap(span)
  const isTail = rest.includes("tail")
  return { kind: "PageRead", run, seq: number(seq), from: BigInt(from), checkpoint: BigInt(checkpoint), isTail, items }
}

function item(text: string): ItemRef {
  const [name = "", body] = text.split("=")
  const at = name.lastIndexOf("@")
  return { stream: name.slice(0, at), index: Number(name.slice(at + 1)), ...(body === undefined ? {} : { body }) }
}

/** `A-1@0..2`, `A-1@0` or `A-1@0,A-1@2=x`; `A-1@` has no events. */
function span(text: string): ItemRef[] {
  if (text.endsWith("@")) return []
  if (!text.includes("..")) return text.split(",").map(item)
  const [from = "", to = ""] = text.split("..")
  const { stream, index } = item(from)
  return Array.from({ length: Number(to) - index + 1 }, (_, i) => ({ stream, index: index + i }))
}
