/** How the `pg` driver turns the text of a column into a JavaScript value, by the type's number. */

export type TypeParser = (text: string) => unknown

/** What overrides the driver's parsers, in a query or for a whole pool. */
export interface TypeParsers {
  getTypeParser(oid: number, format?: string): TypeParser
}

const asText: TypeParser = (text) => text
const asInteger: TypeParser = (text) => parseInt(text, 10)

const parsers: ReadonlyMap<number, TypeParser> = new Map<number, TypeParser>([
  [16, (text) => text === "t"],
  [21, asInteger],
  [23, asInteger],
  [1114, parseDate],
  [1184, parseDate],
  [3802, (text) => JSON.parse(text) as unknown],
  [1007, (text) => elements(text).map((item) => (item === null ? null : parseInt(item, 10)))],
  [1009, elements],
  [1015, elements],
  [1016, elements],
])

export const defaultTypeParsers: TypeParsers = {
  getTypeParser: (oid) => parsers.get(oid) ?? asText,
}

/** Without a time zone in the text the driver takes local time, though Message DB's `time` is UTC. */
function parseDate(text: string): Date {
  const match = /^(\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?(\+00)?$/.exec(text)
  if (!match) throw new Error(`not a timestamp of the fake: ${text}`)
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const milliseconds = match[7] === undefined ? 0 : 1000 * parseFloat(match[7])
  return match[8] === undefined
    ? new Date(year, month - 1, day, hour, minute, second, milliseconds)
    : new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds))
}

function elements(text: string): (string | null)[] {
  const items: (string | null)[] = []
  for (const [, quoted, plain] of text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,"]+)/gs))
    items.push(quoted !== undefined ? quoted.replace(/\\(.)/gs, "$1") : plain === "NULL" ? null : plain!)
  return items
}
