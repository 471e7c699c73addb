import { DatabaseError, notUnderstood } from "./database-error.js"

export type Token =
  /** An unquoted word, in lower case. */
  | { readonly kind: "word"; readonly text: string; readonly at: number; readonly end: number }
  | { readonly kind: "quoted"; readonly text: string; readonly at: number; readonly end: number }
  | { readonly kind: "string"; readonly text: string; readonly at: number; readonly end: number }
  | { readonly kind: "number"; readonly text: string; readonly at: number; readonly end: number }
  | { readonly kind: "parameter"; readonly text: string; readonly at: number; readonly end: number }
  | { readonly kind: "symbol"; readonly text: string; readonly at: number; readonly end: number }
  | { readonly kind: "end"; readonly text: ""; readonly at: number; readonly end: number }

type Kind = Exclude<Token["kind"], "end">

const skipped = /(?:\s+|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y

const lexemes: readonly (readonly [Kind, RegExp, (match: RegExpExecArray) => string])[] = [
  ["string", /[eE]'((?:[^'\\]|''|\\.)*)'/sy, (m) => unescape(m[1]!)],
  ["word", /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y, (m) => lowerCase(m[0])],
  ["quoted", /"((?:[^"]|"")*)"/y, (m) => m[1]!.replaceAll('""', '"')],
  ["string", /'((?:[^']|'')*)'/y, (m) => m[1]!.replaceAll("''", "'")],
  ["string", /\$([A-Za-z_][A-Za-z0-9_]*)?\$([\s\S]*?)\$\1\$/y, (m) => m[2]!],
  ["parameter", /\$([0-9]+)/y, (m) => m[1]!],
  ["number", /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y, (m) => m[0]],
  ["symbol", /::|=>|->>|->|#>>|#>|<=|>=|<>|!=|\|\||@>|<@|[-+*/%<>=(),.;[\]@:^~!?&|#]/y, (m) => m[0]],
]

/** @throws DatabaseError 42601 for a string or name that does not end */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    skipped.lastIndex = at
    at += skipped.exec(sql)![0].length
    if (at >= sql.length) break
    const token = readToken(sql, at)
    tokens.push(token)
    at = token.end
  }
  tokens.push({ kind: "end", text: "", at: sql.length, end: sql.length })
  return tokens
}

function readToken(sql: string, at: number): Token {
  for (const [kind, pattern, text] of lexemes) {
    pattern.lastIndex = at
    const match = pattern.exec(sql)
    if (match) return { kind, text: text(match), at, end: at + match[0].length }
  }
  const rest = sql.slice(at)
  if (rest.startsWith("'")) throw unterminated("quoted string", rest, at)
  if (rest.startsWith('"')) throw unterminated("quoted identifier", rest, at)
  throw notUnderstood(`"${rest[0]}"`, sql)
}

function unterminated(what: string, rest: string, at: number): DatabaseError {
  return new DatabaseError("42601", `unterminated ${what} at or near "${rest}"`, {
    position: String(at + 1),
    routine: "scanner_yyerror",
  })
}

const lowerCase = (word: string) => word.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

const controls: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }

function unescape(text: string): string {
  return text
    .replaceAll("''", "'")
    .replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{1,2})|([\s\S]))/g, (_, unit, byte, character: string) =>
      unit || byte ? String.fromCharCode(parseInt((unit ?? byte) as string, 16)) : (controls[character] ?? character),
    )
}
