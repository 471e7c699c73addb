// The password comes from the platform: this is harness, no run of the engine depends on it.
// eslint-disable-next-line no-restricted-imports
import { randomBytes } from "node:crypto"
import { type ServerControl, startContainer } from "../container.js"
import type { DatabaseServer } from "./fresh-database.js"
import { prepareMessageStore } from "./prepare-message-store.js"

const officialImage = "postgres:15"

/** The data is thrown away; and no statement text in the log, which may hold somebody's data. */
export const serverFlags = ["fsync=off", "max_connections=200", "log_min_error_statement=panic"].flatMap((setting) => [
  "-c",
  setting,
])

export interface MessageDbContainer extends DatabaseServer {
  /** The image, and what the container is called. */
  readonly image: string
  readonly id: string
  /** Where other containers on its network reach it. */
  readonly address: string
  readonly control: ServerControl
  /** Removes the container and its data. May be called again. */
  readonly stop: () => Promise<void>
}

/**
 * Starts PostgreSQL in a container, with an empty Message DB that the installer of this package puts into it.
 * @param options.image Default: `POSTGRES_IMAGE`, or else the official image.
 * @param options.hostPort Default: a free one, which a restart of the container changes.
 * @throws StoreUnavailableError when there is no container engine or no image.
 */
export async function startMessageDbContainer(
  options: { readonly image?: string; readonly hostPort?: number } = {},
): Promise<MessageDbContainer> {
  const image = options.image ?? (process.env["POSTGRES_IMAGE"] || officialImage)
  const password = randomBytes(24).toString("hex")
  const container = await startContainer({
    image,
    port: 5432,
    environment: { POSTGRES_PASSWORD: password },
    command: ["postgres", ...serverFlags],
    // Once for the server that sets up the data, once for the one that stays.
    ready: { line: /database system is ready to accept connections/, times: 2 },
    ...(options.hostPort !== undefined && { hostPort: options.hostPort }),
  })
  const { id, host, port, address, control, stop } = container
  try {
    return { image, id, address, control, ...(await prepareMessageStore({ host, port, password })), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
