/** A signal that follows another one and knows how many listeners it has. */
export class ListenedSignal {
  readonly signal: AbortSignal
  /** Lets go of the signal that it follows. */
  readonly release: () => void
  readonly #listeners = new Set<unknown>()

  constructor(signal: AbortSignal) {
    const controller = new AbortController()
    this.signal = controller.signal
    this.#count(controller.signal)
    const abort = () => controller.abort(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener("abort", abort, { once: true })
    this.release = () => signal.removeEventListener("abort", abort)
  }

  /** Those that were added and not removed. An abort is what they wait for: after it none is left. */
  get listeners(): number {
    return this.signal.aborted ? 0 : this.#listeners.size
  }

  #count(signal: AbortSignal): void {
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof add>) => {
        this.#listeners.add(args[1])
        add(...args)
      },
      removeEventListener: (...args: Parameters<typeof remove>) => {
        this.#listeners.delete(args[1])
        remove(...args)
      },
    })
  }
}
