import { expect, inject, test } from "vitest"
import { StoreUnavailableError } from "../engine/store-unavailable.js"
import { startContainer } from "./container.js"

test("an image that cannot be had is named", { ...inject("needs").containers, timeout: 60_000 }, async () => {
  const image = "localhost/windtunnel/no-such-image:0"
  const started = startContainer({ image, port: 1, ready: { line: /./, times: 1 } })
  await expect(started).rejects.toThrow(StoreUnavailableError)
  await expect(started).rejects.toThrow(`a container of ${image} could not be started: `)
})
