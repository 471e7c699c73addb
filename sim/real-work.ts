/*
 * What the program has under way in the real world, by what Node knows of it: named when a simulated run turns out to wait
 * for some of it. Timers are not named: a test runner has some at all times.
 */

const names: readonly (readonly [kind: RegExp, name: string])[] = [
  [/^FSReq/, "a file"],
  [/^(GetAddrInfoReq|GetNameInfoReq|QueryReq)/, "a look-up of a name"],
  [/^(TCPSocket|TCPConnect|TLS|HTTP2|UDP)/, "a network connection"],
  [/^Process/, "a child process"],
  [
    /^(ZLIB|RandomBytesRequest|PBKDF2Request|ScryptRequest|HashJob|CheckPrimeRequest)/,
    "a computation in another thread",
  ],
]

/** Kinds of real work that is under way, in words, in a fixed order. */
export function realWork(resources: readonly string[] = process.getActiveResourcesInfo()): readonly string[] {
  return names.filter(([kind]) => resources.some((resource) => kind.test(resource))).map(([, name]) => name)
}
