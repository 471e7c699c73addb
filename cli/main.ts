import { Command, CommanderError } from "commander"
import { availableParallelism } from "node:os"
import { scenarios } from "../scenarios/index.js"
import { StoreUnavailableError } from "../engine/store-unavailable.js"
import { conformCommandLine } from "./conform.js"
import type { RawConformOptions } from "./conform-options.js"
import { exitCode } from "./exit-code.js"
import { explore, type RawExploreOptions } from "./explore.js"
import { exportStreams, type RawExportOptions } from "./export.js"
import { list } from "./list.js"
import type { Output } from "./output.js"
import { processOutput } from "./process-output.js"
import { CaseFileError } from "../properties/case.js"
import { TraceFileError } from "../properties/trace-lines.js"
import { checkTrace, type RawCheckOptions } from "./check-trace.js"
import { merge, type MergeOptions } from "./merge.js"
import { replay, type RawReplayOptions } from "./replay.js"
import { run } from "./run.js"
import { RunMakerError } from "./run-makers.js"
import { runOptions, type RawRunOptions } from "./run-options.js"
import { type RawSoakOptions, soakCommand } from "./soak.js"
import { strategyLines, usualStrategy } from "./strategy-option.js"
import { UsageError } from "./usage-error.js"
import { version } from "./version.js"

/**
 * The command `windtunnel`. Never throws for what a user can do wrong; the answer is the exit code, see
 * {@link exitCode}.
 */
export async function main(args: readonly string[], output: Output = processOutput()): Promise<number> {
  let code: number = exitCode.held
  const actions: Actions = {
    run: async (names, raw) => {
      code = await run(runOptions(names, raw, scenarios, freshSeed, availableParallelism()), output)
    },
    merge: async (files, raw) => {
      code = await merge(files, raw, scenarios, output)
    },
    explore: async (name, raw) => {
      code = await explore(name, raw, scenarios, output)
    },
    conform: async (module, raw) => {
      code = await conformCommandLine(module, raw, freshSeed, output)
    },
    replay: async (files, raw) => {
      code = await replay(files, scenarios, output, raw)
    },
    check: async (file, raw) => {
      code = await checkTrace(file, raw, output)
    },
    export: async (category, raw) => {
      code = await exportStreams(category, raw, output)
    },
    soak: async (raw) => {
      code = await soakCommand(raw, freshSeed, output)
    },
  }
  const program = commandLine(output, actions)
  try {
    await program.parseAsync(args, { from: "user" })
    return output.closed.aborted ? exitCode.unread : code
  } catch (error) {
    return tell(error, output)
  }
}

interface Actions {
  run(this: void, names: string[], raw: RawRunOptions): Promise<void>
  merge(this: void, files: string[], raw: MergeOptions): Promise<void>
  explore(this: void, name: string, raw: RawExploreOptions): Promise<void>
  conform(this: void, module: string, raw: RawConformOptions): Promise<void>
  replay(this: void, files: string[], raw: RawReplayOptions): Promise<void>
  check(this: void, file: string, raw: RawCheckOptions): Promise<void>
  export(this: void, category: string, raw: RawExportOptions): Promise<void>
  soak(this: void, raw: RawSoakOptions): Promise<void>
}

function commandLine(output: Output, actions: Actions): Command {
  const program = new Command("windtunnel")
    .description(
      "Puts event-sourcing reactions in a wind tunnel: runs them through deployments, histories and faults,\nand checks what must always hold.",
    )
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.stdout.write(text),
      writeErr: (text) => output.stderr.write(text),
      getOutHelpWidth: () => output.stdout.columns,
      getErrHelpWidth: () => output.stderr.columns,
      getOutHasColors: () => output.colors,
      getErrHasColors: () => output.colors,
    })
    .addHelpText("after", exitCodes)
  program
    .command("run")
    .description("run scenarios and check the properties")
    .argument("[scenario...]", "names of scenarios; all of them when none is named")
    .option("--runs <n>", "runs of each scenario")
    .option("--time <duration>", "time for all scenarios together, such as 500ms, 10s or 2m")
    .option("--seed <n>", "seed that all runs are drawn from: the same seed, the same histories")
    .option("--strategy <name>", `who goes next on the fake, see below (default: "${usualStrategy}")`)
    .option("--workers <n>", `threads that make the runs on the fake; the same runs whatever their number (default: 1)`)
    .option("--shard <i/n>", "only the i-th of every n runs, such as 2/3; needs --seed")
    .option("--store <name>", `"fake" (simulated), or "embedded" or "containers" (real servers, in real time)`, "fake")
    .option("--on <store>", `"message-db" or "dynamo-store"; both when none is named`)
    .option("--engine <module>", "module whose default export is what is checked, in place of this package's engine")
    .option("--json", "write the results to stdout as one JSON document")
    .option("--trace <file>", "record the trace of the run; needs one scenario, one store and --runs 1")
    .option("--cases <folder>", "where failures are kept, to be run first the next time", ".windtunnel/cases")
    .addHelpText("after", runNotes)
    .action(actions.run)
  program
    .command("explore")
    .description("run every schedule of a small scenario, with a fault at any place, and count them")
    .argument("[scenario]", "name of a scenario", "one-crash")
    .option("--time <duration>", "how long at most", "1m")
    .option(
      "--choices <what>",
      `"calls": a turn of a clock goes at once; "steps": anything between any two steps`,
      "calls",
    )
    .option(
      "--reduction <how>",
      `"sleepSets": one of the orders of steps that commute; "none": all of them`,
      "sleepSets",
    )
    .option("--faults <n>", "most faults in one run", "1")
    .option("--seed <n>", "seed of the scenario's setup", "0")
    .option("--cases <folder>", "where violations are kept", ".windtunnel/cases")
    .action(actions.explore)
  program
    .command("conform")
    .description("drive an adapter of a store through the conformance kit, and report rule by rule")
    .argument("<adapter>", "module whose default export is the adapter")
    .option("--profile <names>", "only these of its profiles, divided by commas; may be given more than once", listed)
    .option("--histories <n>", "histories for each profile (default: 200, on a real store 5)")
    .option("--time <duration>", "time for each profile, such as 10s; excludes --histories")
    .option("--seed <n>", "seed that all histories are drawn from: the same seed, the same histories")
    .option("--store <name>", `"fake" (simulated) or "embedded" (real servers, in real time)`)
    .option("--json", "write the report to stdout as one JSON document")
    .option("--report <file>", "write the report to this file, as JSON")
    .option("--junit <file>", "write the report to this file, as JUnit XML")
    .option("--cases <folder>", "where violations are kept", ".windtunnel/cases")
    .option("--case <file>", "run one case again instead, and tell it as a story")
    .action(actions.conform)
  program
    .command("replay")
    .description("run failures again that were kept as case files, and tell each as a story")
    .argument("<case...>", "case files")
    .option("--trace <file>", "record the trace of the run; needs one case")
    .action(actions.replay)
  program
    .command("check")
    .description("watch a recorded trace, of whatever engine, with all properties")
    .argument("<trace>", "file with the trace, as run --trace writes it")
    .option("--without <names>", "assumptions that the trace breaks, such as A1,A5: what rests on them asks less")
    .option("--json", "write the results to stdout as one JSON document")
    .action(actions.check)
  program
    .command("merge")
    .description("put the reports of all shards of a run together: what one run would have reported")
    .argument("<report...>", "files with what run --shard … --json wrote")
    .option("--json", "write the results to stdout as one JSON document")
    .option("--cases <folder>", "where failures are kept, to be run first the next time", ".windtunnel/cases")
    .action(actions.merge)
  program
    .command("export")
    .description("write streams of a Message DB, or of a DynamoStore, to a file, for fuzz to replay")
    .argument("<category>", "the category of the streams")
    .requiredOption("--out <file>", "where to; exportedStreams(file) reads it")
    .option("--table <name>", "a DynamoStore's table of events, in place of the Message DB that MDB_CONN_STR names")
    .option("--streams <n>", "so many streams of the category, of a Message DB the first ones", "20")
    .option("--redact", "other texts and numbers in the same shape; names and types stay")
    .addHelpText("after", exportNotes)
    .action(actions.export)
  program
    .command("soak")
    .description("a consumer group of several processes in trouble on a real store, for a time")
    .option("--store <name>", `"embedded" or "containers"`, "containers")
    .option("--on <store>", `"message-db" or "dynamo-store"`, "message-db")
    .option("--time <duration>", "how long there is input and trouble", "1m")
    .option(
      "--members <n>",
      "consumers in the group (default: 3; 1 on DynamoStore); 3,5,2 is a group that is resized twice meanwhile",
    )
    .option("--pause <duration>", `longest pause between two troubles, or "none" for no trouble`, "3s")
    .option("--trouble <names>", "only these kinds, such as kill,pause (default: all)")
    .option("--seed <n>", "seed that input and trouble are drawn from; times are the machine's")
    .action(actions.soak)
  program
    .command("list")
    .description("list the scenarios")
    .action(() => list(scenarios, output.stdout))
  return program
}

/** What an option that was given more than once says in all. */
const listed = (value: string, before: string | undefined): string =>
  before === undefined ? value : `${before},${value}`

const exitCodes = `
Exit codes: 0 everything held, 1 a property was violated, 2 wrong usage,
3 a store could not be reached, 70 a worker thread failed, 130 interrupted, 141 stdout closed.`

const runNotes = `
Strategies:
${strategyLines.map((line) => `  ${line}\n`).join("")}
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
be had here is left out, and why is said, as long as there is another one.`

const exportNotes = `
A DynamoDB is found as the AWS SDK finds it, or by DYNAMODB_ENDPOINT. The table is
read from its beginning on until there are so many streams; what is read is paid
for. Unfolds are left out: they are no events.`

/** A seed for people: short enough to be typed again. */
const freshSeed = () => Math.floor(Math.random() * 1_000_000_000)

function tell(error: unknown, { stderr }: Output): number {
  // Commander has already said what is wrong, or shown the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.held : exitCode.wrongUsage
  if (error instanceof UsageError || error instanceof CaseFileError || error instanceof TraceFileError) {
    stderr.write(`error: ${error.message}\n`)
    return exitCode.wrongUsage
  }
  if (error instanceof StoreUnavailableError) {
    stderr.write(`error: ${error.message}\n  ${error.hint}\n`)
    return exitCode.storeUnavailable
  }
  if (error instanceof RunMakerError) {
    stderr.write(`error: ${error.message}\n`)
    return exitCode.failed
  }
  throw error
}
