import type { ServiceError } from "../service-error.js"
import { type ExpressionKind, invalidExpression } from "./expression-kind.js"
import { isReserved } from "./reserved-words.js"
import type { CallSyntax, OperandSyntax, PathSyntax, ValueSyntax } from "./syntax.js"
import { type Token, tokenize } from "./tokens.js"

const maxBytes = 4096

const functions: ReadonlySet<string> = new Set([
  "attribute_exists",
  "attribute_not_exists",
  "attribute_type",
  "begins_with",
  "contains",
  "if_not_exists",
  "list_append",
  "size",
])

/*
 * What all grammars share: tokens one by one, and operands. The first token that no rule accepts is the syntax error.
 * Parentheses around nothing but parentheses, unknown functions and reserved words are wrong too, in this order, but only
 * in an expression without a syntax error: they are noted while reading and told by `finish`.
 */
export class TokenReader {
  readonly #kind: ExpressionKind
  readonly #text: string
  readonly #tokens: readonly Token[]
  #position = 0
  readonly #inParentheses = new Set<object>()
  #redundant = false
  readonly #calls: string[] = []
  readonly #words: string[] = []

  /** @throws ServiceError ValidationException for an expression that is empty or too long */
  constructor(kind: ExpressionKind, text: string) {
    this.#kind = kind
    this.#text = text
    if (text === "") throw this.invalid("The expression can not be empty;")
    const size = Buffer.byteLength(text, "utf8")
    if (size > maxBytes) {
      throw this.invalid(`Expression size has exceeded the maximum allowed size; expression size: ${size}`)
    }
    this.#tokens = tokenize(text)
  }

  /** The token that comes next, in capitals if it is a keyword. */
  get next(): string {
    const { kind, text } = this.#token
    return kind === "keyword" ? text.toUpperCase() : text
  }

  get #token(): Token {
    return this.#tokens[this.#position]!
  }

  /** Whether the next token is this symbol or keyword; it is taken if so. */
  take(text: string): boolean {
    const found = this.isNext(text)
    if (found) this.#position++
    return found
  }

  isNext(text: string): boolean {
    const { kind } = this.#token
    return (kind === "symbol" || kind === "keyword") && this.next === text
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.syntaxError()
  }

  /** Something in parentheses, the opening one being taken already. */
  closeParentheses<T extends object>(inner: T): T {
    this.expect(")")
    if (this.#inParentheses.has(inner)) this.#redundant = true
    this.#inParentheses.add(inner)
    return inner
  }

  readOperand(): OperandSyntax {
    if (this.take("(")) return this.closeParentheses(this.readOperand())
    if (this.#token.kind === "value") return this.readValue()
    if (this.#token.kind === "word" && this.#isCall()) return this.#readCall()
    return this.readPath()
  }

  readOperands(): OperandSyntax[] {
    return this.readList(() => this.readOperand())
  }

  readValue(): ValueSyntax {
    return { kind: "value", name: this.#expectKind("value") }
  }

  readPath(): PathSyntax {
    const steps = [this.#readAttribute()]
    for (;;) {
      if (this.take(".")) steps.push(this.#readAttribute())
      else if (this.take("[")) steps.push(this.#readElement())
      else return { kind: "path", steps }
    }
  }

  /** One or more, with commas between them. */
  readList<T>(read: () => T): T[] {
    const list = [read()]
    while (this.take(",")) list.push(read())
    return list
  }

  /** @throws ServiceError ValidationException if anything is left, or noted as wrong */
  finish(): void {
    if (this.#token.kind !== "end") throw this.syntaxError()
    if (this.#redundant) throw this.invalid("The expression has redundant parentheses;")
    const unknown = this.#calls.find((name) => !functions.has(name))
    if (unknown !== undefined) throw this.invalid(`Invalid function name; function: ${unknown}`)
    const word = this.#words.find(isReserved)
    if (word !== undefined) {
      throw this.invalid(`Attribute name is a reserved keyword; reserved keyword: ${word}`)
    }
  }

  syntaxError(): ServiceError {
    const start = this.#tokens[this.#position - 1]?.at ?? 0
    const end = this.#tokens[this.#position + 1]?.end ?? this.#text.length
    return this.invalid(`Syntax error; token: "${this.#token.text}", near: "${this.#text.slice(start, end)}"`)
  }

  invalid(problem: string): ServiceError {
    return invalidExpression(this.#kind, problem)
  }

  #isCall(): boolean {
    const following = this.#tokens[this.#position + 1]!
    return following.kind === "symbol" && following.text === "("
  }

  #readCall(): CallSyntax {
    const name = this.#expectKind("word")
    this.#calls.push(name)
    this.expect("(")
    const operands = this.readOperands()
    this.expect(")")
    return { kind: "call", name, operands }
  }

  #readAttribute(): string {
    if (this.#token.kind === "name") return this.#expectKind("name")
    const word = this.#expectKind("word")
    this.#words.push(word)
    return word
  }

  #readElement(): string {
    const index = this.#expectKind("index")
    this.expect("]")
    return `[${index}]`
  }

  #expectKind(kind: Token["kind"]): string {
    const token = this.#token
    if (token.kind !== kind) throw this.syntaxError()
    this.#position++
    return token.text
  }
}
