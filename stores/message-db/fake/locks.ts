/**
 * Locks of one database: advisory locks, row locks and the keys of unique indexes are all names here.
 *
 * - A lock has at most one holder, a transaction, which may take it again and holds it until it gave it back as often.
 * - Who asks for a held lock waits; waiters are served in the order in which they asked.
 * - A transaction waits for at most one lock, so the waits form chains. A request that would close a chain into a ring
 *   is refused at once with 40P01; therefore no ring ever exists.
 */
import { DatabaseError } from "./database-error.js"

/** A transaction, to the locks. */
export interface LockOwner {
  /** Process id of the session, as it is told in the detail of a deadlock. */
  readonly processId: number
  /** The lock that this owner waits for. */
  waitingFor: string | undefined
  /** Called once when the lock that this owner waited for was given to it. */
  granted(name: string): void
}

interface Lock {
  holder: LockOwner
  times: number
  readonly waiters: LockOwner[]
}

export class Locks {
  private readonly locks = new Map<string, Lock>()

  /** True: the owner has it. False: it waits, and `granted` will be called. @throws DatabaseError 40P01 */
  acquire(owner: LockOwner, name: string): boolean {
    const lock = this.locks.get(name)
    if (!lock) {
      this.locks.set(name, { holder: owner, times: 1, waiters: [] })
      return true
    }
    if (lock.holder === owner) {
      lock.times++
      return true
    }
    this.refuseRing(owner, name)
    owner.waitingFor = name
    lock.waiters.push(owner)
    return false
  }

  holder(name: string): LockOwner | undefined {
    return this.locks.get(name)?.holder
  }

  /** Gives back one of the times that the owner took it. */
  release(owner: LockOwner, name: string): void {
    const lock = this.locks.get(name)
    if (lock?.holder !== owner) throw new Error(`lock ${name} released by who does not hold it`)
    if (--lock.times > 0) return
    const next = lock.waiters.shift()
    if (!next) {
      this.locks.delete(name)
      return
    }
    lock.holder = next
    lock.times = 1
    next.waitingFor = undefined
    next.granted(name)
  }

  /** The owner waits no longer. */
  giveUp(owner: LockOwner): void {
    if (owner.waitingFor === undefined) return
    const waiters = this.locks.get(owner.waitingFor)?.waiters
    waiters?.splice(waiters.indexOf(owner), 1)
    owner.waitingFor = undefined
  }

  private refuseRing(owner: LockOwner, name: string): void {
    const ring = [{ waiter: owner, name }]
    let holder = this.locks.get(name)!.holder
    while (holder !== owner) {
      if (holder.waitingFor === undefined) return
      ring.push({ waiter: holder, name: holder.waitingFor })
      holder = this.locks.get(holder.waitingFor)!.holder
    }
    const detail = ring
      .map(({ waiter, name }) => {
        const blocker = this.locks.get(name)!.holder.processId
        return `Process ${waiter.processId} waits for ExclusiveLock on ${name}; blocked by process ${blocker}.`
      })
      .join("\n")
    throw new DatabaseError("40P01", "deadlock detected", {
      detail,
      hint: "See server log for query details.",
      routine: "DeadLockReport",
    })
  }
}
