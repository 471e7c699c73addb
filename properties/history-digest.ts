import { createHash } from "node:crypto"

/**
 * Digest of a set of histories, each with its place among the runs of a check. Digests of disjoint sets are added: the
 * sum does not depend on the order or on how the runs were divided among threads, processes and machines, which a hash
 * of hashes would.
 *
 * It is the sum modulo 2^256 of SHA-256 of each run's place and trace hash (M. Bellare, D. Micciancio: A New Paradigm for
 * Collision-Free Hashing: Incrementality at Reduced Cost, EUROCRYPT 1997). It tells apart what chance and bugs make
 * different; against somebody who looks for two equal sums it would take a larger modulus.
 */
export class HistoryDigest {
  #sum = 0n

  /** @param digest of one run or of many, as 64 hexadecimal digits. */
  add(digest: string): void {
    this.#sum = (this.#sum + BigInt(`0x${digest}`)) % modulus
  }

  /** 64 hexadecimal digits. */
  toString(): string {
    return this.#sum.toString(16).padStart(64, "0")
  }
}

const modulus = 1n << 256n

/** Of one run: its place among the runs of the check, from 0, and the hash of its trace. */
export const digestOfRun = (run: number, traceHash: string): string =>
  createHash("sha256").update(`${run} ${traceHash}`).digest("hex")
