import { type ServerControl, startContainer } from "../container.js"

/** The version next to the one that the embedded server has; see `known-differences.ts`. */
const officialImage = "amazon/dynamodb-local:1.11.477"

export interface DynamoDbContainer {
  /** The image, and what the container is called. */
  readonly image: string
  readonly id: string
  /** A restart loses all tables. */
  readonly control: ServerControl
  /** For the SDK's option `endpoint`; see also `clientConfig`. */
  readonly endpoint: string
  /** Removes the container and its data. May be called again. */
  readonly stop: () => Promise<void>
}

/**
 * Starts DynamoDB Local in a container, its tables in memory.
 * @param options.image Default: `DYNAMODB_IMAGE`, or else the official image.
 * @param options.hostPort Default: a free one, which a restart of the container changes.
 * @throws StoreUnavailableError when there is no container engine or no image.
 */
export async function startDynamoDbContainer(
  options: { readonly image?: string; readonly hostPort?: number } = {},
): Promise<DynamoDbContainer> {
  const image = options.image ?? (process.env["DYNAMODB_IMAGE"] || officialImage)
  const { id, host, port, control, stop } = await startContainer({
    image,
    port: 8000,
    command: ["-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb"],
    ready: { line: /Initializing DynamoDB Local/, times: 1 },
    ...(options.hostPort !== undefined && { hostPort: options.hostPort }),
  })
  return { image, id, control, endpoint: `http://${host}:${port}`, stop }
}
