/**
 * Servers in containers, by the optional package `testcontainers`, for the stores that have one. Where no container
 * engine answers or the image cannot be had, that is a {@link StoreUnavailableError}: the caller may go without.
 *
 * A container ends with `stop`. When the program is killed, the engine's reaper removes it, unless
 * `TESTCONTAINERS_RYUK_DISABLED` is set.
 */
import type { GenericContainer } from "testcontainers"
import { StoreUnavailableError } from "../engine/store-unavailable.js"

export interface ContainerOptions {
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** The port in the container that the server listens on. */
  readonly port: number
  /** The port of this machine that leads to it. Default: a free one, which a restart changes. */
  readonly hostPort?: number
  /** Each line that says how far the server is has to be written as often as that before it counts as started. */
  readonly ready: { readonly line: RegExp; readonly times: number }
}

export interface StartedContainer {
  readonly id: string
  readonly host: string
  readonly port: number
  /** Where other containers on its network reach it; a restart may change it. */
  readonly address: string
  readonly control: ServerControl
  /** Removes the container and its data. May be called again. */
  readonly stop: () => Promise<void>
}

/** What can be done to a server from outside. Its data stay, as far as the server keeps them. */
export interface ServerControl {
  /** Kills the server and starts it again. Its port stays only if it was asked for by `hostPort`. */
  restart(): Promise<void>
  pause(): Promise<void>
  unpause(): Promise<void>
  /** Cuts the server off its network: packets go nowhere. */
  disconnect(): Promise<void>
  /** Its port stays only if it was asked for by `hostPort`. */
  reconnect(): Promise<void>
}

/** @throws StoreUnavailableError when there is no engine or no image, or when the server does not start. */
export async function startContainer(options: ContainerOptions): Promise<StartedContainer> {
  const { GenericContainer, Wait, getContainerRuntimeClient } = await loadTestcontainers()
  const engine = await getContainerRuntimeClient().catch((cause: unknown) => {
    throw new StoreUnavailableError(
      `no container engine answers: ${firstLine(cause)}`,
      "start Docker or another engine with its API, or set DOCKER_HOST",
      { cause },
    )
  })
  const { image, port, hostPort, ready } = options
  const isHere = ["localhost", "127.0.0.1"].includes(engine.info.containerRuntime.host)
  const container = new (isHere ? onLoopback(GenericContainer) : GenericContainer)(image)
    .withEnvironment({ ...options.environment })
    .withExposedPorts(hostPort === undefined ? port : { container: port, host: hostPort })
    .withWaitStrategy(Wait.forAll([Wait.forLogMessage(ready.line, ready.times), Wait.forListeningPorts()]))
  if (options.command !== undefined) container.withCommand([...options.command])
  const started = await container.start().catch((cause: unknown) => {
    throw new StoreUnavailableError(
      `a container of ${image} could not be started: ${firstLine(cause)}`,
      "check that the image can be had here, and testcontainers' reaper, which TESTCONTAINERS_RYUK_DISABLED=true goes without",
      { cause },
    )
  })
  const server = engine.container.getById(started.getId())
  const networkName = started.getNetworkNames()[0] ?? "bridge"
  const network = engine.network.getById(networkName)
  let stopping: Promise<unknown> | undefined
  return {
    id: started.getId(),
    host: isHere ? "127.0.0.1" : started.getHost(),
    port: started.getMappedPort(port),
    address: started.getIpAddress(networkName),
    control: {
      restart: async () => {
        await server.restart({ t: 0 })
      },
      pause: async () => {
        await server.pause()
      },
      unpause: async () => {
        await server.unpause()
      },
      disconnect: async () => {
        await network.disconnect({ Container: server.id, Force: true })
      },
      reconnect: async () => {
        await network.connect({ Container: server.id })
      },
    },
    stop: async () => {
      await (stopping ??= started.stop({ timeout: 0 }))
    },
  }
}

/** Its ports are open on this machine's loopback, not on every address that the machine has. */
const onLoopback = (Container: typeof GenericContainer) =>
  class extends Container {
    protected override async beforeContainerCreated(): Promise<void> {
      const published = this.hostConfig.PortBindings as Record<string, { HostIp?: string }[]>
      for (const binding of Object.values(published).flat()) binding.HostIp = "127.0.0.1"
    }
  }

async function loadTestcontainers() {
  try {
    return await import("testcontainers")
  } catch (cause) {
    throw new StoreUnavailableError(
      `the package "testcontainers" is not there: ${firstLine(cause)}`,
      "install it: npm install --save-dev testcontainers (on Node 20 version 12.0.1, which later ones do not run on)",
      { cause },
    )
  }
}

const firstLine = (error: unknown) => (error as Error).message.split("\n")[0] ?? ""
