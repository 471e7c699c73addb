import { StreamName } from "../engine/stream-name.js"
import type { World } from "../sim/world.js"
import { FakeMessageDb, FakePgClient, type StoredMessage } from "../stores/message-db/fake/index.js"
import { bodyDigest } from "./body-digest.js"
import type { AppendedEvent } from "./appended-event.js"
import type { MessageDbBackend, ProcessConnections } from "./message-db-backend.js"
import { staleReads } from "./stale-reads.js"

/** The fake, empty, in the time and with the randomness of a world. */
export function fakeMessageDb(world: World): MessageDbBackend {
  const { clock, random } = world
  const store = new FakeMessageDb({ clock, random: random.fork("message-db") })
  const conditions = { standbyLagMs: 0 }
  const stale = staleReads(world, "standby")
  const lagMs = () => stale("query", conditions.standbyLagMs)
  let standby: Pick<FakeMessageDb, "pool"> | undefined
  return {
    conditions,
    connect: () => connectionsTo(store),
    // Old versions of rows are kept from here on.
    connectStandby: () => connectionsTo((standby ??= store.standby({ lagMs }))),
    onAppended: (listener) => store.onCommit((messages) => messages.map(appendedOf).forEach(listener)),
    appended: async (from) => store.messages(from).map(appendedOf),
    close: async () => undefined,
  }
}

function connectionsTo(server: Pick<FakeMessageDb, "pool">): ProcessConnections {
  const pool = server.pool()
  const cut = (connection: object) => {
    if (connection instanceof FakePgClient) connection.terminate()
  }
  return { pool, cut, terminate: () => pool.terminate() }
}

const appendedOf = ({ streamName, position, globalPosition, type, data }: StoredMessage): AppendedEvent => ({
  kind: "Appended",
  stream: streamName,
  index: Number(position),
  tranche: StreamName.category(streamName),
  pos: globalPosition,
  body: bodyDigest(type, data),
})
