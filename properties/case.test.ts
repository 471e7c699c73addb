import { expect, test } from "vitest"
import { type Case, caseText, parseCase } from "./case.js"

const found: Case = {
  scenario: "crash-and-restart",
  on: "message-db",
  seed: 7,
  setup: { scenario: { history: [{ stream: "account-0", count: 1, afterMs: 0 }] }, store: null },
  decisions: [
    { kind: "hold", step: "consumer#1 message-db.query reply 3", until: "writer#1 start 1" },
    { kind: "fault", fault: "crash", step: "consumer#1 message-db.query request 4", ms: 5 },
    { kind: "fault", fault: "replyLost", step: "consumer#1 message-db.query request 2" },
    { kind: "latency", step: "writer#1 message-db.query reply 1", ms: 2 },
  ],
  violation: { property: "I-10", message: "checkpoint 2 passes account-0@1" },
}

test("a case file is small and readable, with a line for each decision", () => {
  expect(caseText(found)).toMatchInlineSnapshot(`
    "{
      "windtunnelCase": 1,
      "scenario": "crash-and-restart",
      "on": "message-db",
      "seed": 7,
      "violation": {"property":"I-10","message":"checkpoint 2 passes account-0@1"},
      "setup": {
        "scenario": {
          "history": [
            {
              "stream": "account-0",
              "count": 1,
              "afterMs": 0
            }
          ]
        },
        "store": null
      },
      "decisions": [
        {"kind":"hold","step":"consumer#1 message-db.query reply 3","until":"writer#1 start 1"},
        {"kind":"fault","fault":"crash","step":"consumer#1 message-db.query request 4","ms":5},
        {"kind":"fault","fault":"replyLost","step":"consumer#1 message-db.query request 2"},
        {"kind":"latency","step":"writer#1 message-db.query reply 1","ms":2}
      ]
    }
    "
  `)
})

test("what was written is read again", () => {
  expect(parseCase("case.json", caseText(found))).toEqual(found)
})

test("a file that is none is refused with the place and what is accepted there", () => {
  const refusal = (content: string) => {
    try {
      parseCase("my.json", content)
    } catch (error) {
      return (error as Error).message
    }
    return "accepted"
  }
  const changed = (changes: object) => JSON.stringify({ ...(JSON.parse(caseText(found)) as object), ...changes })
  expect([
    refusal("{"),
    refusal("[]"),
    refusal(changed({ windtunnelCase: 2 })),
    refusal(changed({ on: "oracle" })),
    refusal(changed({ decisions: [{ kind: "hold", step: "a" }] })),
    refusal(changed({ decisions: [{ kind: "latency", step: "a", ms: -1 }] })),
    refusal(changed({ surprise: 1 })),
  ]).toMatchInlineSnapshot(`
    [
      "my.json is no JSON: Expected property name or '}' in JSON at position 1",
      "my.json is no case file of version 1: its windtunnelCase is undefined",
      "my.json is no case file of version 1: its windtunnelCase is 2",
      "my.json is not as a case file should be, at on: Invalid type: Expected ("message-db" | "dynamo-store") but received "oracle"",
      "my.json is not as a case file should be, at decisions.0.until: Invalid key: Expected "until" but received undefined",
      "my.json is not as a case file should be, at decisions.0.ms: Invalid value: Expected >=0 but received -1",
      "my.json is not as a case file should be, at surprise: Invalid key: Expected never but received "surprise"",
    ]
  `)
})
