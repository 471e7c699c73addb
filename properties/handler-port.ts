import { failsAfterwardsWith, failsWith } from "../sim/failure.js"
import type { ProcessContext } from "../sim/world.js"
import type { ConsumerOptions, Handler } from "./stage.js"

/** What a handler can do that nobody wishes: throw before it has done anything, or when it has done everything. */
const failures = {
  throwsBefore: failsWith(() => new Error("the handler threw before its work")),
  throwsAfter: failsAfterwardsWith(() => new Error("the handler threw after its work")),
}

/**
 * A handler behind a port named `handler`: it may be slow (`delay`), throw, and its process may die before it, after it and
 * within it. Between its effects it is struck where these go through ports of their own.
 */
export function handlerPort(
  self: ProcessContext,
  { handler, touches, isHandledAtOnce = false }: Pick<ConsumerOptions, "handler" | "touches" | "isHandledAtOnce">,
): Handler {
  if (isHandledAtOnce) return handler
  const describe = (_: string, [stream]: readonly unknown[]) => ({ of: String(stream) })
  const parts = touches === undefined ? { inside: true } : { touches }
  const port = self.port("handler", { handle: handler }, { describe, failures, ...parts })
  return (stream, events) => port.handle(stream, events)
}
