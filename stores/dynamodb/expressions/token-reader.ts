import type { ServiceError } from "../service-error.js"
import { type ExpressionKind, invalidExpression } from "./expression-kind.js"
import { misplacedFunction } from "./functions.js"
import { isReserved } from "./reserved-words.js"
import type { CallSyntax, OperandSyntax, PathSyntax, ValueSyntax } from "./syntax.js"
import { type Token, tokenize } from "./tokens.js"

const maxBytes = 4096

/** What is wrong with a piece of the expression, if anything is. */
type Note = () => string | undefined

const maxIndex = 2 ** 31 - 1

/*
 * What all grammars share: tokens one by one, and operands. The first token that no rule accepts is the syntax error, and
 * parentheses around nothing but parentheses are an error as soon as they close. Functions, words and indexes that cannot
 * stand where they stand are wrong too, but only in an expression without a syntax error: they are noted while reading and
 * told by `finish`, in the order of the text.
 */
export class TokenReader {
  readonly #kind: ExpressionKind
  readonly #text: string
  readonly #tokens: readonly Token[]
  #position = 0
  readonly #inParentheses = new Set<object>()
  readonly #notes: Note[] = []
  readonly #calls = new Map<CallSyntax, { standsAlone: boolean }>()

  /** @throws ServiceError ValidationException for an expression that is empty or too long */
  constructor(kind: ExpressionKind, text: string) {
    this.#kind = kind
    this.#text = text
    if (text === "") throw this.invalid("The expression can not be empty;")
    const size = Buffer.byteLength(text, "utf8")
    if (size > maxBytes) {
      const told = kind === "ProjectionExpression" ? "" : ` expression size: ${size}`
      throw this.invalid(`Expression size has exceeded the maximum allowed size;${told}`)
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
    if (this.#inParentheses.has(inner)) throw this.invalid("The expression has redundant parentheses;")
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
    for (const note of this.#notes) {
      const problem = note()
      if (problem !== undefined) throw this.invalid(problem)
    }
  }

  /** The call is no operand, but a condition of its own, or the whole of what is assigned. */
  standsAlone(call: CallSyntax): void {
    this.#calls.get(call)!.standsAlone = true
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
    const role = { standsAlone: false }
    this.#notes.push(() => misplacedFunction(this.#kind, name, role.standsAlone))
    this.expect("(")
    const call: CallSyntax = { kind: "call", name, operands: this.readOperands() }
    this.expect(")")
    this.#calls.set(call, role)
    return call
  }

  #readAttribute(): string {
    if (this.#token.kind === "name") return this.#expectKind("name")
    const word = this.#expectKind("word")
    this.#notes.push(() =>
      isReserved(word) ? `Attribute name is a reserved keyword; reserved keyword: ${word}` : undefined,
    )
    return word
  }

  #readElement(): string {
    const index = this.#expectKind("index")
    this.#notes.push(() =>
      Number(index) > maxIndex ? `List index is not within the allowable range; index: [${index}]` : undefined,
    )
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
