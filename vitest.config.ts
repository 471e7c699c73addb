import { existsSync } from "node:fs"
import { defineConfig } from "vitest/config"

/** Starts the real stores once for the whole run and says at its end which ones the tests met. */
const realStores = "./real-stores.setup.ts"

/** Where .ci/run wants the results to be written, as JSON. */
const results = process.env["WINDTUNNEL_TEST_RESULTS"]

export default defineConfig({
  // `equinox-windtunnel/…` means the sources here, as in tsconfig.json.
  resolve: { tsconfigPaths: true },
  test: {
    include: ["{engine,stores,sim,properties,scenarios,cli,examples,bench,scripts}/**/*.test.ts"],
    globalSetup: existsSync(realStores) ? [realStores] : [],
    // The SDK warns of the end of Node 20 in every process.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    pool: "forks",
    // Mutants are JavaScript already; what the published source imports as @equinox-js/propeller is not.
    server: { deps: { external: [/\/\.windtunnel\//], inline: ["@equinox-js/dynamo-store-source"] } },
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: results === undefined ? ["default"] : ["default", ["json", { outputFile: results }]],
  },
})
