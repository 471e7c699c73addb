/**
 * PostgreSQL's jsonb, as far as a text goes in and a text comes out.
 *
 * A jsonb value is held as the text that PostgreSQL prints for it. That text is canonical: two values are equal exactly
 * when their texts are. So it is read once, when it enters, and what follows handles strings.
 * - Objects: keys by UTF-8 length, then bytes; of a repeated key the last value stays.
 * - Numbers: exact decimals without exponent, at most 131072 digits before and 16383 after the point.
 * - The errors are those of PostgreSQL's own parser: what it expected, and the text up to the token that failed.
 */
import { compareBytes } from "./byte-order.js"
import { DatabaseError } from "./database-error.js"

/** The canonical text of a JSON text. @throws DatabaseError 22P02, 22P05 or 22003 as `jsonb_in`. */
export function parseJsonb(text: string): string {
  return new Reader(text).document()
}

/** `value ->> key` for a text key: undefined stands for SQL NULL. */
export function textField(jsonb: string, key: string): string | undefined {
  const field = jsonField(jsonb, key)
  if (field === undefined || field === "null") return undefined
  return field.startsWith('"') ? (JSON.parse(field) as string) : field
}

/** `value -> key` for a text key: undefined stands for SQL NULL, which a JSON null is not. */
export function jsonField(jsonb: string, key: string): string | undefined {
  return jsonb.startsWith("{") ? new Reader(jsonb).members().get(key) : undefined
}

type TokenType = "string" | "number" | "true" | "false" | "null" | "{" | "}" | "[" | "]" | "," | ":" | "end"

const alphanumeric = /[A-Za-z0-9_\u0080-\uffff]/
const escapes: Record<string, string> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }

class Reader {
  private readonly text: string
  private type: TokenType = "end"
  private start = 0
  private end = 0
  private string = ""
  private line = 1
  private lineStart = 0

  constructor(text: string) {
    this.text = text
    this.advance()
  }

  document(): string {
    const value = this.value()
    if (this.type !== "end") throw this.expected("end of input")
    return value
  }

  /** The members of the object that the text consists of, each as its canonical text. */
  members(): Map<string, string> {
    const members = new Map<string, string>()
    this.advance()
    if (this.type === "}") return this.close(members)
    if (this.type !== "string") throw this.expected('string or "}"')
    for (;;) {
      if (this.type !== "string") throw this.expected("string")
      const key = this.string
      this.advance()
      if ((this.type as TokenType) !== ":") throw this.expected('":"')
      this.advance()
      members.set(key, this.value())
      if ((this.type as TokenType) !== ",") break
      this.advance()
    }
    if ((this.type as TokenType) !== "}") throw this.expected('"," or "}"')
    return this.close(members)
  }

  private close<T>(value: T): T {
    this.advance()
    return value
  }

  private value(): string {
    switch (this.type) {
      case "{":
        return printObject(this.members())
      case "[":
        return `[${this.elements().join(", ")}]`
      case "string":
        return this.close(JSON.stringify(this.string))
      case "number":
        return this.close(printNumber(this.text.slice(this.start, this.end)))
      case "true":
      case "false":
      case "null":
        return this.close(this.type)
      default:
        throw this.expected("JSON value")
    }
  }

  private elements(): string[] {
    const elements: string[] = []
    this.advance()
    if (this.type === "]") return this.close(elements)
    for (;;) {
      elements.push(this.value())
      if (this.type !== ",") break
      this.advance()
    }
    if ((this.type as TokenType) !== "]") throw this.expected('"," or "]"')
    return this.close(elements)
  }

  private advance(): void {
    const { text } = this
    let at = this.end
    for (; at < text.length; at++) {
      const c = text[at]
      if (c === "\n") {
        this.line++
        this.lineStart = at + 1
      } else if (c !== " " && c !== "\t" && c !== "\r") break
    }
    this.start = at
    const c = text[at]
    if (c === undefined) {
      this.type = "end"
      this.end = at
    } else if (c === '"') this.readString()
    else if (c === "-" || (c >= "0" && c <= "9")) this.readNumber()
    else if (c === "{" || c === "}" || c === "[" || c === "]" || c === "," || c === ":") {
      this.type = c
      this.end = at + 1
    } else this.readWord()
  }

  private readWord(): void {
    const { text } = this
    let at = this.start
    while (at < text.length && alphanumeric.test(text[at]!)) at++
    this.end = Math.max(at, this.start + 1)
    const word = text.slice(this.start, this.end)
    if (word !== "true" && word !== "false" && word !== "null") throw this.invalidToken()
    this.type = word
  }

  private readNumber(): void {
    // Sticky: from here on, as much of a number as there is, and what is glued to it.
    const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
    number.lastIndex = this.start
    const good = number.exec(this.text)?.[0].length ?? 0
    const sloppy = /-?(?:0|[1-9][0-9]*)?(?:\.[0-9]*)?(?:[eE][+-]?[0-9]*)?[A-Za-z0-9_\u0080-\uffff]*/y
    sloppy.lastIndex = this.start
    const all = sloppy.exec(this.text)?.[0].length ?? 0
    this.type = "number"
    this.end = this.start + Math.max(all, 1)
    if (good !== all) throw this.invalidToken()
  }

  private readString(): void {
    const { text } = this
    const parts: string[] = []
    let highSurrogate: number | undefined
    let at = this.start + 1
    const loneSurrogate = (end: number) => {
      this.end = end
      return this.invalid("Unicode low surrogate must follow a high surrogate.")
    }
    for (;;) {
      const c = text[at]
      if (c === undefined) throw this.unterminated(at)
      if (c === '"') break
      if (c !== "\\") {
        if (highSurrogate !== undefined) throw loneSurrogate(at + characterLength(text, at))
        const from = at
        while (at < text.length && text[at] !== '"' && text[at] !== "\\") {
          if (text.charCodeAt(at) < 32) {
            this.end = at
            const value = text.charCodeAt(at).toString(16).padStart(2, "0")
            throw this.invalid(`Character with value 0x${value} must be escaped.`)
          }
          at++
        }
        parts.push(text.slice(from, at))
        continue
      }
      const escape = text[at + 1]
      if (escape === undefined) throw this.unterminated(at + 1)
      if (escape !== "u") {
        if (highSurrogate !== undefined) throw loneSurrogate(at + 1 + characterLength(text, at + 1))
        const character = escapes[escape]
        if (character === undefined) {
          this.end = at + 1 + characterLength(text, at + 1)
          throw this.invalid(`Escape sequence "\\${text.slice(at + 1, this.end)}" is invalid.`)
        }
        parts.push(character)
        at += 2
        continue
      }
      const unit = this.readHex(at + 2)
      at += 6
      this.end = at
      if (unit >= 0xd800 && unit < 0xdc00) {
        if (highSurrogate !== undefined) throw this.invalid("Unicode high surrogate must not follow a high surrogate.")
        highSurrogate = unit
        continue
      }
      if (unit >= 0xdc00 && unit < 0xe000) {
        if (highSurrogate === undefined) throw loneSurrogate(at)
        parts.push(String.fromCharCode(highSurrogate, unit))
        highSurrogate = undefined
        continue
      }
      if (highSurrogate !== undefined) throw loneSurrogate(at)
      if (unit === 0)
        throw new DatabaseError("22P05", "unsupported Unicode escape sequence", {
          detail: "\\u0000 cannot be converted to text.",
          where: this.context(),
          routine: "json_errsave_error",
        })
      parts.push(String.fromCharCode(unit))
    }
    if (highSurrogate !== undefined) throw loneSurrogate(at + 1)
    this.type = "string"
    this.end = at + 1
    this.string = parts.length === 1 ? parts[0]! : parts.join("")
  }

  private readHex(from: number): number {
    for (let at = from; at < from + 4; at++) {
      const digit = this.text[at]
      if (digit === undefined) throw this.unterminated(at)
      if (/[0-9a-fA-F]/.test(digit)) continue
      this.end = at + characterLength(this.text, at)
      throw this.invalid('"\\u" must be followed by four hexadecimal digits.')
    }
    return parseInt(this.text.slice(from, from + 4), 16)
  }

  private unterminated(at: number): DatabaseError {
    this.end = at
    return this.invalidToken()
  }

  private invalidToken(): DatabaseError {
    return this.invalid(`Token "${this.text.slice(this.start, this.end)}" is invalid.`)
  }

  private expected(what: string): DatabaseError {
    if (this.type === "end") return this.invalid("The input string ended unexpectedly.")
    return this.invalid(`Expected ${what}, but found "${this.text.slice(this.start, this.end)}".`)
  }

  private invalid(detail: string): DatabaseError {
    return new DatabaseError("22P02", "invalid input syntax for type json", {
      detail,
      where: this.context(),
      routine: "json_errsave_error",
    })
  }

  /** The line up to the end of the token that failed, at most its last 50 bytes. */
  private context(): string {
    const line = this.text.slice(this.lineStart, this.end)
    let shown = line
    while (Buffer.byteLength(shown) >= 50) shown = shown.slice(characterLength(shown, 0))
    if (Buffer.byteLength(line) - Buffer.byteLength(shown) <= 3) shown = line
    const prefix = shown.length < line.length ? "..." : ""
    const next = this.text[this.end]
    const suffix = next !== undefined && next !== "\n" && next !== "\r" ? "..." : ""
    return `JSON data, line ${this.line}: ${prefix}${shown}${suffix}`
  }
}

function characterLength(text: string, at: number): number {
  const code = text.codePointAt(at)
  return code !== undefined && code > 0xffff ? 2 : 1
}

function printObject(members: Map<string, string>): string {
  const keys = [...members.keys()]
  if (keys.length > 1) keys.sort((a, b) => Buffer.byteLength(a) - Buffer.byteLength(b) || compareBytes(a, b))
  return `{${keys.map((key) => `${JSON.stringify(key)}: ${members.get(key)}`).join(", ")}}`
}

const mostDigitsBefore = 131072
const mostDigitsAfter = 16383

function printNumber(token: string): string {
  if (/^(?:0|-?[1-9][0-9]*)$/.test(token) && token.length < 100) return token
  const [, sign, whole = "", fraction = "", exponentText = "0"] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(token)!
  const exponent = Number(exponentText)
  const scale = Math.max(0, fraction.length - exponent)
  const digits = (whole + fraction).replace(/^0+/, "")
  const digitsBefore = digits === "" ? 0 : digits.length - fraction.length + exponent
  if (scale > mostDigitsAfter || digitsBefore > mostDigitsBefore)
    throw new DatabaseError("22003", "value overflows numeric format", { routine: "make_result_safe" })
  if (digits === "") return scale === 0 ? "0" : `0.${"0".repeat(scale)}`
  const all = exponent > fraction.length ? digits + "0".repeat(exponent - fraction.length) : digits
  const padded = all.padStart(scale + 1, "0")
  const point = padded.length - scale
  return `${sign}${padded.slice(0, point)}${scale === 0 ? "" : `.${padded.slice(point)}`}`
}
