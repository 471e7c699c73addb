/**
 * What of this package is a test or an assertion in Vitest.
 *
 * @module equinox-windtunnel/vitest
 */
export { conformanceTests } from "./conformance.js"
export { fuzz, fuzzTest } from "./fuzz.js"
