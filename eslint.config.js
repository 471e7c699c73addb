import { readFileSync } from "node:fs"
import { defineConfig, globalIgnores } from "eslint/config"
import ts from "typescript"
import tseslint from "typescript-eslint"
import { importDirections } from "./scripts/import-directions.js"

const { config: tsconfig } = ts.parseConfigFileTextToJson("tsconfig.json", readFileSync("./tsconfig.json", "utf8"))
const self = Object.fromEntries(Object.entries(tsconfig.compilerOptions.paths).map(([name, [file]]) => [name, file]))

const clock = "Take a Clock (engine/clock.ts): under simulation time is virtual."
const random = "Take a Random (engine/random.ts): under simulation chance comes from the seed."

/** One seed, one history: what runs under simulation takes its time and its chance from whoever calls it. */
const deterministic = {
  "no-restricted-globals": [
    "error",
    {
      globals: ["setTimeout", "setInterval", "setImmediate", "performance"].map((name) => ({ name, message: clock })),
      checkGlobalObject: true,
    },
  ],
  "no-restricted-properties": [
    "error",
    { object: "Date", property: "now", message: clock },
    { object: "process", property: "nextTick", message: clock },
    { object: "process", property: "hrtime", message: clock },
    { object: "process", property: "uptime", message: clock },
    { object: "AbortSignal", property: "timeout", message: clock },
    { object: "Math", property: "random", message: random },
    ...["randomUUID", "randomBytes", "randomInt", "getRandomValues"].map((property) => ({ property, message: random })),
  ],
  "no-restricted-syntax": [
    "error",
    {
      selector: "NewExpression[callee.name='Date'][arguments.length=0]",
      message: `new Date() reads the wall clock. ${clock}`,
    },
    { selector: "CallExpression[callee.name='Date']", message: `Date() reads the wall clock. ${clock}` },
  ],
  "no-restricted-imports": [
    "error",
    {
      paths: [
        ...["timers", "node:timers", "timers/promises", "node:timers/promises", "perf_hooks", "node:perf_hooks"].map(
          (name) => ({ name, message: clock }),
        ),
        ...["crypto", "node:crypto"].map((name) => ({
          name,
          importNames: ["randomUUID", "randomBytes", "randomInt", "getRandomValues", "randomFillSync", "webcrypto"],
          message: random,
        })),
      ],
    },
  ],
}

export default defineConfig(
  globalIgnores(["dist/", "coverage/", ".windtunnel/", "examples/third-party/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/prefer-promise-reject-errors": ["error", { allowThrowingUnknown: true }],
      // What TypeScript narrowed stays narrowed over an await, during which everything may change: flags that another
      // party sets look constant to this rule.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // Methods of an interface are async whether or not this one has something to wait for.
      "@typescript-eslint/require-await": "off",
      // Drivers and JSON.parse answer `any`; the type that a caller writes at the assignment is the check there is.
      "@typescript-eslint/no-unsafe-assignment": "off",
      // `void | Promise<void>` is what a callback may return.
      "@typescript-eslint/no-invalid-void-type": "off",
      // With noUncheckedIndexedAccess an index known to be in range is asserted where a comment or a bound shows it.
      "@typescript-eslint/no-non-null-assertion": "off",
      // Classes with static members only are how the public names are spelled: `StreamResult`, `StreamName`.
      "@typescript-eslint/no-extraneous-class": "off",
    },
  },
  {
    files: ["**/*.{ts,js}"],
    plugins: { house: { rules: { "import-directions": importDirections } } },
    rules: { "house/import-directions": ["error", { self }] },
  },
  {
    files: ["{engine,stores,sim,properties}/**/*.ts"],
    // What stands between code and the machine has to name what it replaces.
    ignores: ["engine/clock.ts", "engine/random.ts", "sim/virtual-globals.ts", "**/*.test.ts"],
    rules: deterministic,
  },
  {
    files: [
      "cli/**/*.ts",
      "bench/**/*.ts",
      "examples/**/*.ts",
      "scripts/**/*.ts",
      "bin/**/*.js",
      "**/*.test.ts",
      "*.ts",
    ],
    rules: { "no-console": "off" },
  },
)
