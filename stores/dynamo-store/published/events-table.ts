import { createTables, type TablesClient } from "../tables.js"

export const createEventsTable = (client: TablesClient, events: string) =>
  createTables(client, { events, index: `${events}_index` })
