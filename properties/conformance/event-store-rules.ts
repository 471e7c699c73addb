import { judged } from "./judged.js"
import { rulesOf } from "./rule.js"

/** Streams by themselves: appending to them and reading them. */
export const eventStoreRules = rulesOf("event-store", "EVT", [
  { n: 1, runs: true },
  {
    n: 2,
    of: judged({
      name: "durable",
      from: "message-db 2.4",
      title: "What was acknowledged is read back",
      statement: "A read that begins after an append was answered shows its events, at the indexes that it answered.",
    }),
  },
  {
    n: 3,
    of: judged({
      name: "consecutive",
      from: "message-db 1.4",
      title: "Indexes count from 0 without a gap",
      statement: "The events of a stream are read in order, with the indexes 0, 1, 2 and so on.",
    }),
  },
  {
    n: 4,
    of: judged({
      name: "whole",
      from: "A2",
      title: "Events come back as they were given",
      statement: "Id, type and body of an event that is read are those of the one that was appended under this id.",
    }),
  },
  {
    n: 5,
    of: judged({
      name: "atomic",
      from: "message-db 2.4",
      title: "An append is all or nothing",
      statement: "The events of an append are read all or not at all, and next to each other in the order given.",
    }),
  },
  {
    n: 6,
    needs: ["expected version"],
    of: judged({
      name: "expected",
      from: "message-db 2.4",
      title: "An expectation is held",
      statement:
        "An append that expects n events and succeeds begins at index n: of several that expect the same, one succeeds.",
    }),
  },
  {
    n: 7,
    needs: ["expected version"],
    of: judged({
      name: "no effect",
      from: "message-db 2.4",
      title: "A conflict has no effect",
      statement: "Nothing of an append that was answered with a conflict, in any of its attempts, is ever read.",
    }),
  },
  {
    n: 8,
    needs: ["expected version"],
    of: judged({
      name: "no false conflict",
      from: "message-db 2.4",
      title: "A conflict has a cause",
      statement: "When nobody else writes, an append that expects what was read succeeds.",
    }),
  },
  {
    n: 9,
    level: "extended",
    needs: ["repeated appends"],
    of: judged({
      name: "once",
      from: "message-db 2.4",
      title: "A repeated append is one",
      statement: "An append that is repeated with the same ids, because its answer was lost, is in the stream once.",
    }),
  },
  {
    n: 10,
    of: judged({
      name: "monotone",
      from: "message-db 3.1",
      title: "What was read stays",
      statement: "What one read shows, every read that begins after it shows at the same indexes.",
    }),
  },
])
