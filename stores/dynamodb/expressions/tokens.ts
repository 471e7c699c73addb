/** `at` and `end` are offsets in the expression. */
export interface Token {
  readonly kind: "keyword" | "word" | "name" | "value" | "index" | "symbol" | "unknown" | "end"
  readonly text: string
  readonly at: number
  readonly end: number
}

const keywords: ReadonlySet<string> = new Set(["AND", "OR", "NOT", "IN", "BETWEEN", "SET", "REMOVE", "ADD", "DELETE"])

const space = /[ \t\r\n]*/y

/** What is none of these is a token by itself, which no grammar accepts: the parser tells where it stands. */
const lexemes: readonly (readonly [Token["kind"], RegExp])[] = [
  ["word", /[A-Za-z][A-Za-z0-9_]*/y],
  ["name", /#[A-Za-z0-9_]+/y],
  ["value", /:[A-Za-z0-9_]+/y],
  ["index", /0|[1-9][0-9]*/y],
  ["symbol", /<>|<=|>=|[=<>()[\].,+-]/y],
  ["unknown", /"[^"]*"|'[^']*'|./suy],
]

/** All tokens of the expression; the last one is of the kind `end`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = skipSpace(text, 0)
  while (at < text.length) {
    const token = readToken(text, at)
    tokens.push(token)
    at = skipSpace(text, token.end)
  }
  tokens.push({ kind: "end", text: "<EOF>", at: text.length, end: text.length })
  return tokens
}

function readToken(text: string, at: number): Token {
  for (const [kind, pattern] of lexemes) {
    const found = matchAt(pattern, text, at)
    if (found !== undefined) return { kind: kindOf(kind, found), text: found, at, end: at + found.length }
  }
  throw new Error(`no token at ${at} of ${text}`)
}

function kindOf(kind: Token["kind"], text: string): Token["kind"] {
  return kind === "word" && keywords.has(text.toUpperCase()) ? "keyword" : kind
}

function skipSpace(text: string, at: number): number {
  return at + matchAt(space, text, at)!.length
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
