/**
 * What of this package is a test or an assertion in Vitest.
 *
 * @module equinox-windtunnel/vitest
 */
export { fuzz, fuzzTest } from "./fuzz.js"
