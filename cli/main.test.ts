import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { playOf } from "../properties/play.js"
import type { Scenario } from "../properties/scenario.js"
import { scenarios } from "../scenarios/index.js"
import { main } from "./main.js"
import { recordedOutput } from "./recorded-output.js"
import { run } from "./run.js"

/** Calls the command inside this process. */
async function windtunnel(...args: string[]) {
  const { written, output } = recordedOutput()
  const code = await main(args, output)
  return { code, ...written }
}

/** What differs from run to run. */
const masked = (text: string) =>
  text
    .replace(/(?<![-\w.])\d(?:[\d ]*\d)?(?:\.\d+)?(?: m?s\b)?/g, "#")
    .replace(/ +#/g, " #")
    .replace(/(not yet|never): .*/g, "$1: …")

test("list shows every scenario with what it shows", async () => {
  const { code, stdout, stderr } = await windtunnel("list")
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  expect(stdout.trimEnd().split("\n")).toHaveLength(scenarios.length)
  expect(stdout).toMatchInlineSnapshot(`
    "one-consumer        message-db  dynamo-store  One consumer catches up with what was written before it started, and tails what comes then
    one-crash           message-db                One consumer, two streams, three events, one crash: small enough for every schedule to be seen
    stop-and-start      message-db  dynamo-store  A consumer is asked to stop at any moment and started again: it drains, and goes on where it was
    crash-and-restart   message-db  dynamo-store  A consumer crashes at any point, loses requests and replies, and is started again: nothing is lost
    failing-handler     message-db  dynamo-store  A handler that fails now and then: its host starts the consumer again, and no event is passed over
    left-behind         message-db  dynamo-store  Calls take longer than a failure or a stop waits for them: what they still answer counts for nobody
    partial-progress    message-db  dynamo-store  A handler that takes part of what it is given, or nothing, and is called again for the rest
    process-manager     message-db  dynamo-store  A process manager reads the stream it reacts to and answers how far it came, sometimes from a stale replica
    hot-stream          message-db  dynamo-store  One hot stream among many quiet ones: it is handled in order and does not keep the others from their turn
    late-events         message-db  dynamo-store  A feed yields events after those that follow them in their stream; a sink that requires complete streams waits
    store-outage        message-db  dynamo-store  A store cannot be reached for a while: sources wait for it, and go on where they were
    several-categories  message-db  dynamo-store  One consumer reads several categories into one sink, and crashes now and then
    thirty-categories   message-db  dynamo-store  Thirty categories on one sink, whose checkpoints load at different speeds
    consumer-group      message-db                A consumer group of three, each member at its own speed, one of them crashing
    group-resize        message-db                A consumer group grows and shrinks while events go on arriving
    rolling-restart     message-db  dynamo-store  A second instance of a consumer starts while the first still runs, as in a rolling restart
    zombie              message-db  dynamo-store  A consumer is suspended, a successor is started in its place, and then it wakes: the position never goes back
    lagging-standby     message-db                A consumer reads from a standby that lags, and keeps its checkpoints on the primary: nothing is skipped
    calving                         dynamo-store  Several writers append to the same streams, whose Tips are tiny: every event is written once, in its place
    epoch-rollover                  dynamo-store  Epochs of the index close after a few entries while events keep coming: readers cross each border whole
    index-lag                       dynamo-store  The indexer starts late and pauses: consumers wait for the index, and get everything when it catches up
    throttling                      dynamo-store  The service throttles a share of all requests for a while: everybody tries again, and nothing is lost
    stale-replica                   dynamo-store  Reads are answered by replicas that lag behind, each by another time: nothing is skipped, nothing goes back
    start-from-tail                 dynamo-store  A consumer starts at the tail of the index, at any moment of an epoch's end: it gets all that comes from there on
    two-indexers                    dynamo-store  Two indexers follow the same table and compete for every entry of the index
    indexer-restarts                dynamo-store  An indexer that keeps its place in the stream is stopped, killed and started again
    "
  `)
})

test("wrong usage has exit code 2 and says what is accepted, on stderr only", async () => {
  const calls = [
    ["run", "one-consumr"],
    ["run", "--runs", "none"],
    ["run", "--store", "oracle"],
    ["run", "--on", "kafka"],
    ["run", "calving", "--on", "message-db"],
    ["run", "--sed", "1"],
    ["fly"],
  ]
  const answers = []
  for (const args of calls) answers.push(await windtunnel(...args))
  expect(answers.map(({ code, stdout }) => ({ code, stdout }))).toEqual(calls.map(() => ({ code: 2, stdout: "" })))
  expect(answers.map(({ stderr }) => stderr)).toMatchInlineSnapshot(`
    [
      "error: there is no scenario "one-consumr". Did you mean one-consumer? "windtunnel list" shows all of them.
    ",
      "error: --runs must be an integer from 1 to 1000000000, received "none"
    ",
      "error: --store must be "fake", "embedded" or "containers", received "oracle"
    ",
      "error: --on must be "message-db" or "dynamo-store", received "kafka"
    ",
      "error: scenario calving does not run on message-db, only on dynamo-store
    ",
      "error: unknown option '--sed'
    (Did you mean --seed?)
    ",
      "error: unknown command 'fly'
    ",
    ]
  `)
})

test("help is an answer, not an error", async () => {
  const { code, stdout } = await windtunnel("run", "--help")
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: windtunnel run [options] [scenario...]

    run scenarios and check the properties

    Arguments:
      scenario           names of scenarios; all of them when none is named

    Options:
      --runs <n>         runs of each scenario
      --time <duration>  time for all scenarios together, such as 500ms, 10s or 2m
      --seed <n>         seed that all runs are drawn from: the same seed, the same
                         histories
      --strategy <name>  who goes next on the fake, see below (default: "portfolio")
      --workers <n>      threads that make the runs on the fake; the same runs
                         whatever their number (default: 1)
      --shard <i/n>      only the i-th of every n runs, such as 2/3; needs --seed
      --store <name>     "fake" (simulated), or "embedded" or "containers" (real
                         servers, in real time) (default: "fake")
      --on <store>       "message-db" or "dynamo-store"; both when none is named
      --engine <module>  module whose default export is what is checked, in place of
                         this package's engine
      --json             write the results to stdout as one JSON document
      --trace <file>     record the trace of the run; needs one scenario, one store
                         and --runs 1
      --cases <folder>   where failures are kept, to be run first the next time
                         (default: ".windtunnel/cases")
      -h, --help         display help for command

    Strategies:
      portfolio          another of the others for each run, drawn from its seed
      random             whatever is ready, each as likely as the others
      pct[:depth]        priorities that change depth - 1 times, usually 3
      skewed             as random, but some are far likelier than others
      delay-bounded[:n]  first in, first out, but for n delays, usually 5
      fifo               first in, first out: an ordinary day

    Without --runs and --time: 10 seconds on the fake, one run of each scenario on a
    real store.

    With --store embedded or containers the variable MDB_CONN_STR may name a
    PostgreSQL server to use instead, with a login that may create databases. Each
    run makes a database of its own there, named windtunnel_…, and drops it. What
    remains is the role message_store, if there was none. DYNAMODB_ENDPOINT may name
    a DynamoDB, or a DynamoDB Local, in the same way: each run makes tables named
    windtunnel-… and deletes them.

    Containers are of the images POSTGRES_IMAGE and DYNAMODB_IMAGE, by default the
    official ones. Where they cannot be had the embedded servers take their place,
    unless WINDTUNNEL_REQUIRE=containers forbids it. An embedded server that cannot
    be had here is left out, and why is said, as long as there is another one.
    "
  `)
})

test("a run tells what held", async () => {
  const { code, stdout, stderr } = await windtunnel("run", "one-consumer", "--runs", "3", "--seed", "7")
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  expect(masked(stdout)).toMatchInlineSnapshot(`
    "windtunnel · # scenario simulated on the fake Message DB and the fake DynamoDB · # runs each · seed #

    ✓ one-consumer  message-db # runs # steps # faults
        not yet: …
    ✓ one-consumer  dynamo-store # runs # steps # faults
        not yet: …

    ✓ I-01  Order within a stream                         held, checked # times
    ✓ I-02  One call per stream                           held, checked # times
    ✓ I-03  Well-formed span                              held, checked # times
    ✓ I-04  No repeat inside a run                        held, checked # times
    ✓ I-05  No skip inside a run                          held, checked # times
    – I-06  Complete streams                              not tested by these scenarios
    ✓ I-07  Result semantics                              held, checked # times
    ✓ I-08  Completion is earned                          held, checked # times
    ✓ I-09  Completion in order, once, promptly           held, checked # times
    ✓ I-10  Checkpoint safety                             held, checked # times
    ✓ I-11  Provenance and order of checkpoints in a run  held, checked # times
    ✓ I-12  Monotone in the store                         held, checked # times
    ✓ I-13  Checkpoint liveness                           held, checked # times
    ✓ I-14  Origin                                        held, checked # times
    ✓ I-15  At least once, no loss over restart           held, checked # times
    – I-16  Bounded rework                                not tested by these scenarios
    – I-17  Same effects                                  not tested by these scenarios
    ✓ I-18  Bounded concurrency                           held, checked # times
    ✓ I-19  Bounded read-ahead                            held, checked # times
    ✓ I-20  Work conservation and priority                held, checked # times
    ✓ I-21  Comes to rest                                 held, checked # times
    ✓ I-22  Fairness                                      held, checked # times
    ✓ I-23  Time goes on                                  held, checked # times
    ✓ I-24  Tail discipline                               held, checked # times
    ✓ I-25  Memory follows what is in flight              held, checked # times
    – I-26  Fails fast and visibly                        not tested by these scenarios
    ✓ I-27  Stops in order                                held, checked # times
    – I-28  Members are disjoint                          not tested by these scenarios
    ✓ I-29  Members are complete                          held, checked # times
    – I-30  Tranches do not disturb each other            not tested by these scenarios

    Faults injected: # clock that was off, # delays, # lost replies, # lost request, # stale reads
    Situations met: # of #; never: …

    held: # properties in # runs of # scenario, # steps in # (# steps/s), seed #
    "
  `)
})

test("with --json stdout is one document of version 1, and a person's report goes to stderr", async () => {
  const { code, stdout, stderr } = await windtunnel(
    "run",
    "one-consumer",
    "hot-stream",
    "--runs",
    "2",
    "--seed",
    "5",
    "--json",
  )
  expect(code).toBe(0)
  const { version, skipped, results } = JSON.parse(stdout) as {
    version: number
    skipped: object[]
    results: Record<string, unknown>[]
  }
  expect({ version, skipped }).toEqual({ version: 1, skipped: [] })
  expect(results.map(({ scenario, on, store, strategy, runs }) => ({ scenario, on, store, strategy, runs }))).toEqual(
    ["one-consumer", "hot-stream"].flatMap((scenario) =>
      ["message-db", "dynamo-store"].map((on) => ({ scenario, on, store: "fake", strategy: "portfolio", runs: 2 })),
    ),
  )
  expect(Object.keys(results[0]!)).toEqual([
    ...[
      "scenario",
      "on",
      "store",
      "strategy",
      "seed",
      "shard",
      "runs",
      "steps",
      "virtualMs",
      "wallMs",
      "traceHash",
      "faults",
    ],
    ...["sometimes", "exercised", "properties", "violations"],
  ])
  expect(stderr).toContain("held")
})

test("a scenario that fails has exit code 1, and the run that shows it is named", async () => {
  const failing: Scenario = {
    name: "failing",
    title: "",
    store: "message-db",
    run: async ({ world }) => {
      if (world.random.chance(0.5)) throw new Error("this deployment cannot be set up")
    },
  }
  const { written, output } = recordedOutput()
  const options = {
    plan: [playOf("test", failing)],
    store: "fake",
    effort: { runs: 20 },
    seed: 3,
    strategy: "portfolio",
    shard: { nth: 1, of: 1 },
    workers: 1,
    json: false,
    cases: await mkdtemp(join(tmpdir(), "windtunnel-cases-")),
  } as const
  expect(await run(options, output)).toBe(1)
  const seed = /--seed (\d+) /.exec(written.stdout)?.[1]
  expect(masked(written.stdout.slice(written.stdout.indexOf("VIOLATED")).replaceAll(options.cases, "cases")))
    .toMatchInlineSnapshot(`
      "VIOLATED run did not end as it should, in failing on message-db, and in # more runs
        this deployment cannot be set up
        replay: npx windtunnel run failing --on message-db --store fake --seed # --runs #

        the smallest history found
          given
            nothing
          first in, first out
          it happened that
            ✗ run: this deployment cannot be set up
        replay: npx windtunnel replay cases/failing.message-db.run.json

      # violations in # runs of # scenario, # steps in # (# steps/s), seed #
      "
    `)
  const again = recordedOutput()
  expect(await run({ ...options, effort: { runs: 1 }, seed: Number(seed) }, again.output)).toBe(1)
})
