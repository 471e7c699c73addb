import { expect, test } from "vitest"
import { realWork } from "./real-work.js"

test("what Node has under way is named in words, each once, and timers and what a test runner has are not", () => {
  const resources = [
    "Timeout",
    "TCPSocketWrap",
    "FSReqPromise",
    "PipeWrap",
    "FSReqCallback",
    "ProcessWrap",
    "Immediate",
  ]
  expect(realWork(resources)).toEqual(["a file", "a network connection", "a child process"])
  expect(realWork(["Timeout", "MessagePort"])).toEqual([])
})
