/*
 * A failing run of a reaction, told to whoever wrote it: which events there were, and what happened to the handler and to
 * the world, up to the last thing that differs from the yardstick. Calls that neither did anything nor failed are left
 * out, and so is the middle of a long story.
 */
import { feedOf, type Samples } from "./history.js"
import type { FuzzSetup } from "./setup.js"
import type { Told } from "./told.js"
import { span } from "../wording.js"

const mostLines = 12
const widest = 100
/** What is left of a text at least. */
const leastOfText = 40

/** What was given, and what happened then. */
export function storyOf(samples: Samples, setup: FuzzSetup, told: readonly Told[]): string[] {
  return [`given ${givenText(samples, setup)}`, ...shortened(lines(told)).map((line) => `  ${line}`)]
}

function givenText(samples: Samples, setup: FuzzSetup): string {
  const items = feedOf(samples, { ...setup, order: setup.otherOrder ?? setup.order })
  const texts = items.map(([stream, { index, type }]) => `${stream}@${index} ${type}`)
  return texts.length <= 8 ? texts.join(", ") : `${texts.slice(0, 7).join(", ")} … ${texts.length - 7} more`
}

function lines(told: readonly Told[]): string[] {
  const width = Math.max(0, ...told.map(({ process }) => process.length))
  const line = (process: string, what: string) => `${process.padEnd(width)}  ${cut(what)}`
  const inOrder = withPausesLate(told)
  return inOrder.flatMap((one, at) => {
    const what = textOf(one, inOrder, at)
    return what === undefined ? [] : [line(one.process, what)]
  })
}

/** What a process is paused in still begins: it is told before the pause, as it happens before anything else does. */
function withPausesLate(told: readonly Told[]): readonly Told[] {
  const inOrder = [...told]
  for (let at = inOrder.length - 2; at >= 0; at--) {
    const [one, next] = [inOrder[at]!, inOrder[at + 1]!]
    if (one.kind === "fault" && one.fault === "pause" && next.process === one.process && isBegun(next, one.at))
      inOrder.splice(at, 2, next, one)
  }
  return inOrder
}

const isBegun = (one: Told, at: string): boolean =>
  one.kind === "called" ? at === handling : one.kind === "effect" && one.effect.name === at

function textOf(one: Told, told: readonly Told[], at: number): string | undefined {
  switch (one.kind) {
    case "starts":
      return one.position === 0n && isFirst(told, at) ? undefined : `starts at position ${one.position}`
    case "called":
      return `gets ${span(one.stream, one.first, one.end - one.first)}`
    case "returned":
      return one.result === undefined ? undefined : `answers ${one.result}`
    case "threw":
      return `fails: ${one.error}`
    case "effect":
      return `  ${one.effect.name}(${one.effect.args})`
    case "fault":
      return faultText(one, told[at - 1])
    case "uncaught":
      return `✗ dies of an error that nobody catches: ${one.error}`
    case "resumed":
      return "goes on after its pause"
    case "rewound":
      return `the stored position is set back to ${one.position}`
  }
}

/** What a fault of the handler as a whole is at. */
const handling = "handling.call"

const isFirst = (told: readonly Told[], at: number) => !told.slice(0, at).some(({ kind }) => kind === "called")

function faultText({ fault, at }: Extract<Told, { kind: "fault" }>, before: Told | undefined): string {
  const when = before?.kind === "effect" && before.effect.name === at ? "after" : "before"
  switch (fault) {
    case "crash":
      return when === "after" ? `✗ dies after ${at}, whose reply it never gets` : `✗ dies before ${at}`
    case "pause":
      return at === handling
        ? `✗ is paused, and another one takes over`
        : `✗ is paused ${when} ${at}, and another one takes over`
    case "requestLost":
      return `✗ ${at} fails without effect`
    case "replyLost":
      return `✗ the reply of ${at} is lost: it counts as failed`
    case "redelivered":
      return "✗ dies before the position is stored: the span comes again"
    case "rewound":
      return "✗ dies"
    default:
      return `✗ ${at} answers with its own failure: ${fault}`
  }
}

/** What is too wide loses the middle of its longest texts, such as a statement, and then its own: its parameters stay. */
function cut(text: string): string {
  if (text.length <= widest) return text
  const onOneLine = text.replaceAll(/(?<=\S)(?:\\n|\s)+/g, " ")
  const longest = (onOneLine.match(longText) ?? []).sort((a, b) => b.length - a.length)
  const shorter = longest.reduce(
    (line, one) =>
      line.replace(one, () => withoutMiddle(one, Math.max(leastOfText, one.length - line.length + widest))),
    onOneLine,
  )
  return withoutMiddle(shorter, widest)
}

/** A string as `inspect` writes it. */
const longText = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g

function withoutMiddle(text: string, most: number): string {
  if (text.length <= most) return text
  const last = Math.floor((most - 3) / 3)
  return `${text.slice(0, most - 3 - last)} … ${text.slice(text.length - last)}`
}

function shortened(all: readonly string[]): readonly string[] {
  if (all.length <= mostLines) return all
  const first = Math.floor(mostLines / 3)
  const last = mostLines - first - 1
  const short = withEnds(all, first, last)
  return short.length <= mostLines + mostTrouble ? short : withEnds(all, first - 1, last)
}

const withEnds = (all: readonly string[], first: number, last: number): readonly string[] => [
  ...all.slice(0, first),
  ...middle(all.slice(first, -last)),
  ...all.slice(-last),
]

/** Of what is left out, what went wrong is told all the same, unless that is much. */
function middle(lines: readonly string[]): readonly string[] {
  const at = lines.findIndex(isTrouble)
  const end = lines.findLastIndex(isTrouble) + 1
  if (at < 0 || end - at > mostTrouble) return more(lines.length)
  return [...more(at), ...lines.slice(at, end), ...more(lines.length - end)]
}

const mostTrouble = 2
const isTrouble = (line: string) => / (✗|the stored position is set back) /.test(line)
const more = (count: number): readonly string[] => (count === 0 ? [] : [`… ${count} more …`])
