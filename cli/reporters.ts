import { properties } from "../properties/invariants.js"
import { jsonReporter } from "./json-reporter.js"
import type { Output } from "./output.js"
import type { Reporter } from "./reporter.js"
import { terminalReporter } from "./terminal-reporter.js"

/** For people on stdout; or, where a program reads that, on stderr. */
export function reporters({ json }: { readonly json: boolean }, output: Output): readonly Reporter[] {
  const forPeople = (out: Output["stdout"]) => terminalReporter(out, output, properties, Date.now)
  return json ? [forPeople(output.stderr), jsonReporter(output.stdout)] : [forPeople(output.stdout)]
}
