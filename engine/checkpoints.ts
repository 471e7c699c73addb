/**
 * Where a consumer group's positions are kept. A position is the *next* place to read in a tranche
 * (an inclusive lower bound); it is opaque to the sink.
 */
export interface ICheckpoints {
  /**
   * The stored position of (group, tranche). With nothing stored, the origin (`establishOrigin`, else 0)
   * is stored first, and what is stored afterwards is the answer, so that two first starts agree.
   */
  load(groupName: string, trancheId: string, establishOrigin?: (trancheId: string) => Promise<bigint>): Promise<bigint>
  /**
   * Stores `position`, creating the entry where there is none. A position below the stored one is not written.
   * A store that can tell answers the position that is stored now; more than `position` means that somebody
   * else is ahead.
   */
  commit(groupName: string, trancheId: string, position: bigint): Promise<void | bigint>
}
