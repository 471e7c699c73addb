import { describe, expect, test } from "vitest"
import { Exercise } from "./exercise.js"
import { type ExerciseName, exerciseMeaning, exerciseNames } from "./exercises.js"
import type { StoreKind } from "./scenario.js"
import { parseTrace } from "./trace-text.js"

function exercised(text: string, on: StoreKind): readonly (readonly [string, number])[] {
  const exercise = new Exercise(on)
  for (const event of parseTrace(text)) exercise.observe(event)
  return [...exercise.counts].filter(([, times]) => times > 0)
}

/** How a trace begins in which a consumer has read two events of one stream, each in a page of its own. */
const twoPages = `
  run r1 c#1 ahead=3
  loaded r1 0
  read r1 #1 0..1 A-1@0
  admit r1 #1
  read r1 #2 1..2 A-1@1
  admit r1 #2
`

/** The shortest trace that shows it, and the same without what makes the difference. */
const shown: readonly (readonly [name: ExerciseName, trace: string, otherwise: string, on?: StoreKind])[] = [
  ["handled", "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 all", "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 none"],
  ["handler failed", "run r1 c#1\ncall s1 #1 A-1@0\nthrow s1 #1 no", "run r1 c#1\ncall s1 #1 A-1@0"],
  ["no progress", "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 none", "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 all"],
  [
    "partial result",
    "run r1 c#1\ncall s1 #1 A-1@0..1\nreturn s1 #1 partial 1",
    "run r1 c#1\ncall s1 #1 A-1@0..1\nreturn s1 #1 partial 2",
  ],
  [
    "override",
    "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 override 1",
    "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 all",
  ],
  [
    "override ahead",
    "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 override 2",
    "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 override 1",
  ],
  [
    "calls at once",
    "run r1 c#1\ncall s1 #1 A-1@0\ncall s1 #2 A-2@0",
    "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 all\ncall s1 #2 A-2@0",
  ],
  [
    "processes at once",
    "run r1 c#1\nrun r2 d#1 sink=s2\ncall s1 #1 A-1@0\ncall s2 #1 A-2@0",
    "run r1 c#1\nrun r2 d#1 sink=s2 group=h\ncall s1 #1 A-1@0\ncall s2 #1 A-2@0",
  ],
  [
    "page during a call",
    "run r1 c#1\ncall s1 #1 A-1@0\nread r1 #2 1..2 A-1@1",
    "run r1 c#1\ncall s1 #1 A-1@0\nthrow s1 #1 no\nread r1 #2 1..2 A-1@1",
  ],
  ["several events", "run r1 c#1\ncall s1 #1 A-1@0..1", "run r1 c#1\ncall s1 #1 A-1@0"],
  [
    "several pages",
    `${twoPages}call s1 #1 A-1@0..1`,
    `${twoPages}call s1 #1 A-1@0\nreturn s1 #1 all\nread r1 #3 2..4 A-1@2..3\ncall s1 #2 A-1@2..3`,
  ],
  [
    "gap",
    "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 all\ncall s1 #2 A-1@2",
    "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 override 2\ncall s1 #2 A-1@2",
  ],
  ["gap in a feed", "run r1 c#1\nread r1 #1 0..2 A-1@0,A-1@2", "run r1 c#1\nread r1 #1 0..2 A-1@5"],
  [
    "repeated in a feed",
    "run r1 c#1\nread r1 #1 0..1 A-1@0\nread r1 #2 1..2 A-1@0",
    "run r1 c#1\nread r1 #1 0..1 A-1@0\ncrash c#1\nrun r2 c#2 sink=s2\nread r2 #2 1..2 A-1@0",
    "dynamo-store",
  ],
  ["page without events", "run r1 c#1\nread r1 #1 0..3", "run r1 c#1\nread r1 #1 3..3 tail"],
  [
    "epoch crossed",
    "run r1 c#1\nread r1 #1 4..1000000 A-1@0",
    "run r1 c#1\nread r1 #1 4..999999 A-1@0",
    "dynamo-store",
  ],
  ["read-ahead full", "run r1 c#1 ahead=1\nread r1 #1 0..1 A-1@0\nadmit r1 #1", "run r1 c#1 ahead=2\nadmit r1 #1"],
  [
    "batch waits for an older one",
    "run r1 c#1\nread r1 #1 0..1 A-1@0\nadmit r1 #1\nread r1 #2 1..2 A-2@0\nadmit r1 #2\ncall s1 #1 A-2@0\nreturn s1 #1 all",
    "run r1 c#1\nread r1 #1 0..1 A-1@0\nadmit r1 #1\nread r1 #2 1..2 A-2@0\nadmit r1 #2\ncall s1 #1 A-1@0\nreturn s1 #1 all",
  ],
  ["read failed", "run r1 c#1\nmisread r1 page transient", "run r1 c#1\nmisread r1 page permanent"],
  [
    "read repeated",
    "run r1 c#1\nmisread r1 position transient\nmisread r1 position transient\nloaded r1 0\nread r1 #1 0..0 tail",
    "run r1 c#1\nmisread r1 page transient\nend r1 error\nrun r2 c#1 sink=s2\nread r2 #1 0..0 tail",
  ],
  ["checkpoint stored", "run r1 c#1\ncommit r1 3\ncommitted r1 3", "run r1 c#1\ncommit r1 3"],
  ["checkpoint failed", "run r1 c#1\ncommit r1 3\nfailed r1 3", "run r1 c#1\ncommit r1 3\ncommitted r1 3"],
  ["checkpoint outrun", "run r1 c#1\ncommit r1 3\ncommitted r1 3 stored=5", "run r1 c#1\ncommit r1 3\ncommitted r1 3"],
  ["position moved", "override g A 3", "run r1 c#1\nloaded r1 3"],
  ["crash in a call", "run r1 c#1\ncall s1 #1 A-1@0\ncrash c#1", "run r1 c#1\ncall s1 #1 A-1@0\ncrash d#1"],
  [
    "crash before a checkpoint",
    `${twoPages}complete r1 #1 1\ncommit r1 1\ncrash c#1`,
    `${twoPages}complete r1 #1 1\ncommit r1 1\ncommitted r1 1\ncrash c#1`,
  ],
  ["crash in a checkpoint", "run r1 c#1\ncommit r1 1\ncrash c#1", "run r1 c#1\ncommit r1 1\nfailed r1 1\ncrash c#1"],
  [
    "stop in a call",
    "run r1 c#1\ncall s1 #1 A-1@0\nabort c#1",
    "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 all\nabort c#1",
  ],
  [
    "call left behind",
    "run r1 c#1\ncall s1 #1 A-1@0\nend r1 error",
    "run r1 c#1\ncall s1 #1 A-1@0\nreturn s1 #1 all\nend r1 error",
  ],
  ["restart after a crash", "run r1 c#1\ncrash c#1\nrun r2 c#2 sink=s2", "run r1 c#1\ncrash c#1\nrun r2 d#1 sink=s2"],
  [
    "restart after a failure",
    "run r1 c#1\nend r1 error\nrun r2 c#1 sink=s2",
    "run r1 c#1\nend r1 error\nrun r2 c#1 sink=s2 group=h",
  ],
  ["restart after a stop", "run r1 c#1\nend r1 ok\nrun r2 c#2 sink=s2", "run r1 c#1\nend r1 error\nrun r2 c#2 sink=s2"],
  [
    "redelivery",
    "run r1 c#1\ncall s1 #1 A-1@0\ncrash c#1\nrun r2 c#2 sink=s2\ncall s2 #1 A-1@0",
    "run r1 c#1\ncall s1 #1 A-1@0\ncrash c#1\nrun r2 c#2 sink=s2\ncall s2 #1 A-1@1",
  ],
  [
    "redelivery by two",
    "run r1 c#1\nrun r2 d#1 sink=s2\ncall s1 #1 A-1@0\ncall s2 #1 A-1@0",
    "run r1 c#1\nrun r2 d#1 sink=s2\ncall s1 #1 A-1@0\nreturn s1 #1 none\ncall s1 #2 A-1@0",
  ],
  [
    "two instances",
    "run r1 c#1 member=0/2\nrun r2 d#1 sink=s2 member=0/2",
    "run r1 c#1 member=0/2\nrun r2 d#1 sink=s2 member=1/2\nrun r3 c#1 member=0/2 tranche=B",
  ],
  [
    "zombie",
    "run r1 c#1\nrun r2 d#1 sink=s2\ncrash d#1\ncall s1 #1 A-1@0",
    "run r1 c#1\nrun r2 d#1 sink=s2\ncrash d#1\ncall s2 #1 A-1@0",
  ],
  ["group of 3", "run r1 c#1 member=0/3", "run r1 c#1 member=0/2"],
  [
    "resize",
    "run r1 c#1 member=0/2\nend r1 ok\nrun r2 c#2 sink=s2 member=0/3",
    "run r1 c#1 member=0/2\nend r1 ok\nrun r2 c#2 sink=s2 member=0/2",
  ],
  ["fault deadlock", "fault deadlock c#1", "fault delay c#1"],
]

describe("what a trace exercised", () => {
  test.each(shown.map((example) => [example[0], example] as const))(
    "%s",
    (name, [, trace, otherwise, on = "message-db"]) => {
      expect(new Map(exercised(trace, on)).get(name)).toBe(1)
      expect(new Map(exercised(otherwise, on)).get(name)).toBeUndefined()
    },
  )

  test("there is an example of everything, and each has a meaning", () => {
    const names = new Set<string>([...exerciseNames("message-db"), ...exerciseNames("dynamo-store")])
    expect([...names].filter((name) => !shown.some(([other]) => other === name))).toEqual([])
    for (const [name] of shown) expect(exerciseMeaning(name)).toMatch(/^[A-Z].*\.$/)
  })

  test("what is not to be expected on a store is not missed there", () => {
    const names = (on: StoreKind) => [...new Exercise(on).counts.keys()]
    expect(names("message-db").filter((name) => !names("dynamo-store").includes(name))).toEqual([
      "position moved",
      "resize",
    ])
    expect(names("dynamo-store").filter((name) => !names("message-db").includes(name))).toEqual([
      "gap in a feed",
      "repeated in a feed",
      "epoch crossed",
    ])
  })

  test("a whole history, in numbers", () => {
    const history = `
      ${twoPages}
      call s1 #1 A-1@0..1
      return s1 #1 partial 1
      call s1 #2 A-1@1
      read r1 #3 2..3 A-2@0
      admit r1 #3
      call s1 #3 A-2@0
      return s1 #3 all
      complete r1 #1 1
      crash c#1
      run r2 c#2 sink=s2
      loaded r2 0
      read r2 #1 0..2 A-1@0..1
      admit r2 #1
      call s2 #1 A-1@0..1
      return s2 #1 all
      complete r2 #1 2
      commit r2 2
      committed r2 2
    `
    expect(exercised(history, "message-db")).toMatchInlineSnapshot(`
      [
        [
          "handled",
          3,
        ],
        [
          "partial result",
          1,
        ],
        [
          "calls at once",
          1,
        ],
        [
          "page during a call",
          1,
        ],
        [
          "several events",
          2,
        ],
        [
          "several pages",
          1,
        ],
        [
          "read-ahead full",
          1,
        ],
        [
          "batch waits for an older one",
          1,
        ],
        [
          "checkpoint stored",
          1,
        ],
        [
          "crash in a call",
          1,
        ],
        [
          "crash before a checkpoint",
          1,
        ],
        [
          "restart after a crash",
          1,
        ],
        [
          "redelivery",
          1,
        ],
      ]
    `)
  })
})
