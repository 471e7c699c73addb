#!/usr/bin/env node
// Plain JavaScript that old versions of Node can parse: it is here that they are told which one is needed.
import { existsSync } from "node:fs"

const [major, minor] = process.versions.node.split(".").map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`windtunnel needs Node.js 20.19 or newer, this is ${process.versions.node}`)
  process.exit(2)
}

// In a clone the sources are there and run as they are; the installed package has its build only.
const sources = new URL("../cli/main.ts", import.meta.url)
const built = new URL("../dist/cli/main.js", import.meta.url)
const inClone = existsSync(sources)
if (inClone) (await import("tsx/esm/api")).register()

const { main } = await import(inClone ? sources.href : built.href)
process.exitCode = await main(process.argv.slice(2))
