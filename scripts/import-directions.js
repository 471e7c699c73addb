import path from "node:path"

// The house has rooms, and arrows between them point one way only: cli -> scenarios -> properties -> (sim | stores)
// -> engine. A room may import itself and what stands in its line. Every store is a room of its own, and none knows
// another; what stands beside the rooms, in stores/ itself, is for all of them. The tests of DynamoStore meet the DynamoDB fake. Nothing that is published imports examples, bench or scripts.

const engine = ["engine"]
const edges = [...engine, "sim", "stores"]
const published = [...edges, "properties", "scenarios", "cli"]
const mayImport = {
  engine: [],
  sim: engine,
  stores: engine,
  properties: edges,
  scenarios: [...edges, "properties"],
  cli: [...edges, "properties", "scenarios"],
  examples: published,
  bench: [...published, "examples"],
  scripts: published,
}

/** The first folder below the root, and for stores the store's folder too: `stores/message-db`. */
function roomOf(file) {
  const [house, store, ...inside] = file.split("/")
  return house === "stores" && inside.length > 0 ? `stores/${store}` : house
}

function allowed(from, to, isTest) {
  if (from === to) return true
  if (isTest && from === "stores/dynamo-store" && to === "stores/dynamodb") return true
  const house = from.split("/")[0]
  if (to === "stores" && house === to) return true
  return !(house in mayImport) || mayImport[house].includes(to.split("/")[0])
}

/** @type {import("eslint").Rule.RuleModule} */
export const importDirections = {
  meta: {
    type: "problem",
    docs: { description: "Hold the import directions of ARCHITECTURE.md." },
    messages: { direction: "{{from}} may not import {{to}}: {{from}} stands on {{line}}." },
    schema: [{ type: "object", properties: { self: { type: "object" } }, additionalProperties: false }],
  },
  create(context) {
    /** The package by its own name, to the file it means here. */
    const self = context.options[0]?.self ?? {}
    const file = path.relative(context.cwd, context.filename)

    const check = ({ source }) => {
      if (source?.type !== "Literal" || typeof source.value !== "string") return
      const target = source.value.startsWith(".") ? path.join(path.dirname(file), source.value) : self[source.value]
      if (target === undefined || target.startsWith("..")) return
      const from = roomOf(file)
      const to = roomOf(path.normalize(target))
      if (allowed(from, to, file.endsWith(".test.ts"))) return
      const line = mayImport[from.split("/")[0]].join(", ") || "nothing of this house"
      context.report({ node: source, messageId: "direction", data: { from, to, line } })
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      TSImportType: check,
    }
  },
}
