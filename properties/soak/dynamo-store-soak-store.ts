import type { ServerControl } from "../../stores/container.js"
import type { AppendedEvent } from "../appended-event.js"
import { IndexLedger, inOrder } from "../index-ledger.js"
import { liveDynamoStore } from "../live-dynamo-store.js"
import type { LiveDynamoDb } from "../live-store.js"
import { containerTroubles } from "./chaos.js"
import type { SoakStore } from "./soak-store.js"

/**
 * Tables of their own. What was appended is read off both tables as a whole, so it is asked for seldom; DynamoDB Local
 * keeps its tables in memory, so the server is never restarted.
 * @throws StoreUnavailableError
 */
export async function dynamoStoreSoakStore(store: LiveDynamoDb, control?: ServerControl): Promise<SoakStore> {
  const backend = await liveDynamoStore(store)
  const seen: AppendedEvent[] = []
  const tell = (event: Parameters<ConstructorParameters<typeof IndexLedger>[0]["tell"]>[0]) => {
    if (event.kind === "Appended") seen.push(event)
  }
  const ledger = new IndexLedger({ tell, isOnceOnly: () => true })
  // The index first: what it names was written before.
  const take = async () => {
    const index = await backend.items("index")
    for (const item of inOrder(await backend.items("events"))) ledger.takeEvents(item)
    for (const item of inOrder(index)) ledger.takeIndex(item)
    if (ledger.fault !== undefined) throw new Error(ledger.fault)
  }
  const { tables, streamArn } = backend
  return {
    address: { kind: "dynamo-store", config: store.config, tables, streamArn },
    hasGroups: false,
    hasIndexer: true,
    tellEveryMs: 2_000,
    async *appended() {
      await take()
      yield* seen.splice(0)
    },
    isAllInView: () => ledger.isIndexComplete,
    troubles: () => (control === undefined ? [] : containerTroubles(control)),
    close: () => backend.close(),
  }
}
