import { judged } from "./judged.js"
import { rulesOf } from "./rule.js"

/** A store of positions by itself. */
export const checkpointRules = rulesOf("checkpoints", "CKP", [
  { n: 1, runs: true },
  {
    n: 2,
    of: judged({
      name: "known",
      from: "I-14",
      title: "Load answers what was stored",
      statement: "A load answers a position that somebody wanted stored under this key: by a commit, or as its origin.",
    }),
  },
  {
    n: 3,
    of: judged({
      name: "durable",
      from: "I-10",
      title: "What was acknowledged stays",
      statement:
        "A load does not answer a position that a higher one had replaced before: a commit that was answered survives crashes, lost replies and other instances.",
    }),
  },
  {
    n: 4,
    needs: ["compare positions"],
    of: judged({
      name: "monotone",
      from: "I-12",
      title: "A lower position replaces none",
      statement: "A load never answers less than what a load or a commit that ended before it began had shown.",
    }),
  },
  {
    n: 5,
    needs: ["origin"],
    of: judged({
      name: "origin",
      from: "I-14",
      title: "The origin is stored once",
      statement:
        "With nothing stored, the origin is stored first: as long as nobody commits, all loads of a key answer the same, and what is stored is not replaced by another origin.",
    }),
  },
  {
    n: 6,
    of: judged({
      name: "zero",
      from: "reactions 2.3",
      title: "Nothing stored is 0",
      statement: "With nothing stored and no origin a load answers 0.",
    }),
  },
  {
    n: 7,
    of: judged({
      name: "apart",
      from: "I-29",
      title: "Keys are apart",
      statement: "A position that was stored under one group and tranche is never loaded under another.",
    }),
  },
  {
    n: 8,
    level: "extended",
    of: judged({
      name: "exact",
      from: "E-23",
      title: "Positions are exact",
      statement: "Positions beyond 2^53 come back to the last digit.",
    }),
  },
])
