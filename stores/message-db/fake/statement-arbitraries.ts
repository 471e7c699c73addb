/** For tests: statements as clients of Message DB send them, and as they should not. */
import fc from "fast-check"

/** Who sends a statement: one of two connections, or the pool. */
export type Sender = "first" | "second" | "pool"

export interface Command {
  readonly by: Sender
  readonly text: string
  readonly values?: readonly unknown[]
}

type Query = Omit<Command, "by">

const often = <T>(...usual: readonly T[]) => fc.constantFrom(...usual)

const streamName = fc.oneof(
  { weight: 30, arbitrary: often("a-1", "a-2", "b-1") },
  {
    weight: 3,
    arbitrary: often(
      "a",
      "",
      "-",
      "-x",
      "a-",
      "a-+x",
      "a-1+2+3",
      "a:command-1",
      "A-1",
      "é😀-日本",
      " a-1",
      "a--1",
      'x\'y-"1"',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constant(null) },
)
const categoryName = fc.oneof(
  { weight: 8, arbitrary: often("a", "b") },
  { weight: 3, arbitrary: often("", "a-1", "A", "a:command", "é😀", null, "none") },
)
const uuid = fc.integer({ min: 0, max: 60 }).map((n) => `00000000-0000-4000-8000-0000000000${n + 10}`)
const messageId = fc.oneof(
  { weight: 40, arbitrary: uuid },
  { weight: 1, arbitrary: uuid.map((id) => `{${id.toUpperCase()}}`) },
  { weight: 1, arbitrary: uuid.map((id) => id.replaceAll("-", "")) },
  {
    weight: 1,
    arbitrary: often("", "x", "00000000-0000-4000-8000-00000000001", " 00000000-0000-4000-8000-000000000010", null),
  },
)
const messageType = fc.oneof(
  { weight: 20, arbitrary: often("T", "U", "") },
  { weight: 1, arbitrary: fc.constant(null) },
)

/** Texts that are JSON, nearly JSON, or look like it. */
export const jsonText = fc.oneof(
  { weight: 4, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 3, stringUnit: "binary" }) },
  { weight: 2, arbitrary: numberText() },
  { weight: 4, arbitrary: brokenJson() },
  {
    weight: 4,
    arbitrary: fc
      .array(
        often(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          '"',
          "\\",
          "\n",
          "\t",
          " ",
          '"a"',
          '"bb"',
          "1",
          "-",
          "0.50",
          "1e2",
          "true",
          "null",
          "nul",
          "\\u0041",
          "\\ud83d",
          "\\ude00",
          "\\u0000",
          "\\u00zz",
          "\\x",
          "é",
          "😀",
          "\u0001",
          '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"',
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join("")),
  },
)

function numberText() {
  const digits = fc.string({ unit: fc.integer({ min: 0, max: 9 }).map(String), minLength: 1, maxLength: 24 })
  return fc
    .tuple(often("", "-", "-", "+"), digits, fc.option(digits), fc.option(fc.integer({ min: -40, max: 40 })))
    .map(([sign, whole, fraction, exponent]) =>
      [sign, whole, fraction === null ? "" : `.${fraction}`, exponent === null ? "" : `e${exponent}`].join(""),
    )
}

function brokenJson() {
  return fc
    .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.nat(3), fc.constantFrom("", "", ",", "}", "]", '"', "x", "\\", ":"))
    .map(([json, at, length, insert]) => {
      const from = at % (json.length + 1)
      return json.slice(0, from) + insert + json.slice(from + length)
    })
}

const data = fc.oneof(
  { weight: 20, arbitrary: often("{}", '{"i": 1}', '{"b":1,"a":[1.50, null]}', null) },
  { weight: 1, arbitrary: jsonText },
  { weight: 1, arbitrary: often<unknown>({ a: 1 }, [1, 2], [], true, 5, undefined) },
)
const metadata = fc.oneof(
  {
    weight: 6,
    arbitrary: often<unknown>(
      null,
      "{}",
      '{"correlationStreamName":"a-1"}',
      '{"correlationStreamName":5}',
      '{"correlationStreamName":null}',
    ),
  },
  { weight: 1, arbitrary: data },
)
const expectedVersion = fc.oneof(
  { weight: 3, arbitrary: often(null, undefined) },
  { weight: 1, arbitrary: often<unknown>(-1, 0, 1, 2, "3", -2) },
)
const oddNumber = often<unknown>("abc", 1.5, "99999999999999999999", " 7 ", "-0", "", "0x10", "1_000")
const position = fc.oneof(
  { weight: 8, arbitrary: often<unknown>(0, 1, 2, 5, -1, null) },
  { weight: 1, arbitrary: oddNumber },
)
const batchSize = fc.oneof(
  { weight: 8, arbitrary: often<unknown>(10, 1, 2, 1000, -1, 0, -2, null) },
  { weight: 1, arbitrary: oddNumber },
)
const correlation = often(null, null, null, "a", "5", "", "a-1")
const group = fc.tuple(often<unknown>(null, 0, 1, 2, -1), often<unknown>(null, 1, 2, 3, 0, 40000))

const query = (text: string, values?: readonly unknown[]): Query => (values ? { text, values } : { text })

const write = fc
  .tuple(messageId, streamName, messageType, data, metadata, expectedVersion, often(4, 5, 6, 6, 6, 6, 6, 6, 3))
  .map(([...all]) => {
    const [, , , , , , arity] = all
    const values = all.slice(0, arity)
    return query(`select write_message(${values.map((_, i) => `$${i + 1}`).join(", ")})`, values)
  })

const writeOtherwise = fc
  .tuple(
    uuid,
    streamName.filter((name) => name !== null),
    expectedVersion,
    often(
      "select write_message($1, $2, 'T', '{}', null, $3::bigint) as position",
      "select * from (select 1) x where $1 = $2 or $3 is null",
      "select message_store.write_message(id => $1::varchar, stream_name => $2::varchar, \"type\" => 'T', data => '{\"a\": 1}'::jsonb, expected_version => $3)",
      "SELECT write_message ( $1::text , $2::text, E'T\\u0041', '[1, 2]', expected_version := $3 ) /* comment */ ; ",
      "select stream_version($2), write_message($1, $2, 'T', '{}', '{}', $3) + 1 as next, stream_version($2)",
    ).filter((text) => !text.includes("(select")),
  )
  .map(([id, name, version, text]) => query(text, [id, name, version]))

const readStream = fc
  .tuple(streamName, position, batchSize, fc.boolean())
  .map(([name, from, size, all]) =>
    all
      ? query("select * from get_stream_messages($1, $2, $3)", [name, from, size])
      : query("select position, type, data from get_stream_messages(stream_name => $1, batch_size => $2) as m", [
          name,
          size,
        ]),
  )

const readCategory = fc
  .tuple(categoryName, position, batchSize, correlation, group)
  .map(([category, from, size, correlated, [member, members]]) =>
    query("select * from get_category_messages($1, $2, $3, $4, $5, $6)", [
      category,
      from,
      size,
      correlated,
      member,
      members,
    ]),
  )

const readOtherwise = fc
  .tuple(
    streamName,
    often(
      "select * from get_last_stream_message($1)",
      "select position from get_last_stream_message($1, 'T')",
      "select stream_version($1)",
      "select stream_name, position from messages where id = '00000000-0000-4000-8000-000000000016' and stream_name = $1",
      "select category($1), id($1), cardinal_id($1), is_category($1), hash_64($1)",
      "select acquire_lock($1)",
      "select max(global_position) from messages where category(stream_name) = $1",
      "select count(*), min(position), max(type) from message_store.messages where stream_name = $1",
      "select stream_name, position, global_position from messages where stream_name <> $1 order by global_position desc limit 3",
      "select global_position, data->>'i' as i, id from messages where stream_name = $1 and data is not null order by 1",
      "select message_store_version(), $1::text as given",
    ),
  )
  .map(([name, text]) => query(text, [name]))

const readMessages = fc
  .tuple(fc.array(often("a", "b", "A"), { maxLength: 2 }), often(0, 2, 5), often<unknown>(1, 3, null))
  .map(([categories, from, limit]) =>
    query(
      "select stream_name, position, global_position from message_store.messages where category(stream_name) = any($1) and global_position >= $2 order by global_position limit $3",
      [categories, from, limit],
    ),
  )

const condition = often(
  "position >= 1",
  "type = 'U'",
  "messages.data->>'i' = '1'",
  "global_position = 2 or global_position = 3",
  "false",
  "null",
  "true) or (true",
  "",
  "1",
  "position >= $7",
  "position >= $2",
  "messages.time >= current_time",
  "nosuchcolumn_ = 1",
  "stream_name like '%1'",
  "type in ('T', 'U') and not position = 0",
  "data is null",
  "position = 'x'",
  "position between 0 and 1",
)
const readOnCondition = fc.tuple(condition, fc.boolean()).map(([text, stream]) =>
  // What undoes the filter reads several streams, whose equal positions have no order of their own.
  stream && text !== "true) or (true"
    ? query("select * from get_stream_messages('a-1', 0, 10, $1)", [text])
    : query("select * from get_category_messages('a', 0, 10, condition => $1)", [text]),
)

const transaction = often(
  "begin",
  "begin",
  "begin",
  "begin isolation level repeatable read",
  "start transaction isolation level read committed, read only",
  "commit",
  "commit",
  "commit",
  "rollback",
  "rollback",
  "savepoint p",
  "savepoint p",
  "savepoint q",
  "rollback to savepoint p",
  "rollback to savepoint p",
  "rollback to q",
  "release savepoint p",
  "release q",
  "end",
  "abort",
  "set transaction isolation level repeatable read",
  "show transaction_isolation",
).map((text) => query(text))

const setting = often(
  "set message_store.sql_condition to 'on'",
  "set message_store.sql_condition to 'on'",
  "set message_store.sql_condition = off",
  "set local message_store.sql_condition to 'on'",
  "reset message_store.sql_condition",
  "select current_setting('message_store.sql_condition', true) as setting",
  "select set_config('message_store.sql_condition', 'on', true)",
  "show search_path",
  "set search_path to public",
  "set search_path to message_store, public",
  "reset search_path",
  "show nosuch",
).map((text) => query(text))

const several = often(
  "select 1; select 2",
  "select write_message('00000000-0000-4000-8000-000000000071', 'b-1', 'T', '{}'); select 1/0",
  "begin; select write_message('00000000-0000-4000-8000-000000000072', 'b-1', 'T', '{}'); commit",
  "select write_message('00000000-0000-4000-8000-000000000073', 'b-1', 'T', '{}'); commit; select nosuch_",
  "select 1; selec 2",
  "",
  ";",
  "select write_message('00000000-0000-4000-8000-000000000074', 'a-1', 'T', '{}'); rollback",
).map((text) => query(text))

const groupName = often("g", "h", null, "g")
const checkpointPosition = often<unknown>("1", "5", 7, "10", "9", "x", null, 3n)
const table = '"public".eqx_checkpoint'
const createTable = `create table if not exists ${table} (group_name text not null, category text not null, position text not null, primary key (group_name, category))`
const checkpointOf = (name: fc.Arbitrary<unknown>, position: fc.Arbitrary<unknown>) =>
  fc
    .tuple(
      name,
      position,
      often(
        [`insert into ${table} (group_name, category, position) values ($1, 'c', $2) on conflict do nothing`, 2],
        [
          `insert into ${table} (group_name, category, position) values ($1, 'c', $2) on conflict (group_name, category) do update set position = excluded.position`,
          2,
        ],
        [
          `insert into ${table} as stored (group_name, category, position) values ($1, 'c', $2) on conflict (group_name, category) do update set position = greatest(stored.position::bigint, excluded.position::bigint)::text returning position`,
          2,
        ],
        [
          `insert into ${table} values ($1, 'c', $2) on conflict (category, group_name) do update set position = excluded.position where eqx_checkpoint.position::bigint < excluded.position::bigint returning *`,
          2,
        ],
        [`insert into ${table} values ($1, 'c', $2)`, 2],
        [
          `insert into ${table} (category, group_name, position) values ('c', $1, $2), ('d', $1, $2) on conflict do nothing returning category`,
          2,
        ],
        [`update ${table} set position = $2 where group_name = $1 and category = 'c'`, 2],
        [
          `update ${table} set position = $2 where group_name = $1 and category = 'c' and position::bigint < $2::bigint returning position`,
          2,
        ],
        [`select position from ${table} where group_name = $1 and category = 'c'`, 1],
        [
          `select position, category from ${table} where group_name = $1 order by category, position desc for update`,
          1,
        ],
        [
          `select group_name, category, position::bigint as position from ${table} where group_name = $1 order by 1, 2`,
          1,
        ],
        [`delete from ${table} where group_name = $1 returning position`, 1],
        [`delete from ${table} where group_name is not distinct from $1::text and category in ('d', 'e')`, 1],
      ),
    )
    .map(([name, at, [text, arity]]) => query(text as string, [name, at].slice(0, arity as number)))

const checkpoint = checkpointOf(groupName, checkpointPosition)

const other = fc.oneof(
  jsonText.map((text) => query("select $1::jsonb", [text])),
  jsonText.map((text) => query("select $1::jsonb as json, $1::jsonb -> 'a' as a, $1::jsonb ->> 'a' as text", [text])),
  fc.oneof(oddNumber, fc.bigInt(), fc.double()).map((number) => query("select $1::bigint", [number])),
  often(...([1, 0, -1, "t", "maybe"] as unknown[])).map((value) => query("select $1::boolean", [value])),
  often(
    query("select 1 as one, 'x' as x, null as n, true and null as u, 1 = any(array[1, 2]) as any"),
    query("select $1 = $2 as same, $1 || $2 as both, coalesce($3, 'z')", ["a", "b", null]),
    query("select $1, $2::text", ["a", [1, 'x"\\', null, "NULL", "é"]]),
    query("select $1", []),
    query("select $1::text", ["a", "b"]),
    query("select nosuch_"),
    query("select * from nosuch_"),
    query("select nosuch_(1, 'a')"),
    query("select write_message('a', 'b', 'c')"),
    query("select write_message('00000000-0000-4000-8000-000000000075', 'a-1', 'T', '{}', 5)"),
    query("select write_message('00000000-0000-4000-8000-000000000075', 'a-1', 'T', '{')"),
    query("select * from get_stream_messages(batch_size => 5)"),
    query("select * from get_stream_messages('a-1', stream_name => 'b-1')"),
    query("selec 1"),
    query("select 1 +"),
    query("select 'abc"),
    query("select 9223372036854775807 + 1"),
    query("select 7 / 2, -7 % 3, 2147483647 + 1::bigint, 1 / 0"),
    query("select category($1)", ["a\0b"]),
    query("select category($1)", ["a\ud800-b"]),
    query("select * from type_summary"),
    query("select * from stream_type_summary where message_count > 1"),
    query("update messages set type = 'X'"),
    query("delete from messages where position = 0"),
    query("truncate messages"),
    query("create table message_store.t (x int)"),
    query(createTable),
    query("create table public.eqx_checkpoint (x text)"),
    query("select count(*) from messages"),
    query("select position from messages order by 2"),
    query("select x.position from messages"),
    query("select position from messages where position"),
    query("select stream_name, count(*) from messages"),
  ),
)

const directInsert = fc
  .tuple(uuid, often("a-1", "b-1", "d-1"), often(0, 1, 2, 3))
  .map(([id, name, at]) =>
    query(
      "insert into messages (id, stream_name, position, type) values ($1, $2, $3, 'D') returning position, global_position",
      [id, name, at],
    ),
  )

const anyQuery = fc.oneof(
  { weight: 14, arbitrary: write },
  { weight: 4, arbitrary: writeOtherwise },
  { weight: 4, arbitrary: readStream },
  { weight: 5, arbitrary: readCategory },
  { weight: 5, arbitrary: readOtherwise },
  { weight: 2, arbitrary: readMessages },
  { weight: 3, arbitrary: readOnCondition },
  { weight: 16, arbitrary: transaction },
  { weight: 3, arbitrary: setting },
  { weight: 2, arbitrary: several },
  { weight: 9, arbitrary: checkpoint },
  { weight: 2, arbitrary: other },
  { weight: 1, arbitrary: directInsert },
)

const by = (sender: Sender, query: Query): Command => ({ by: sender, ...query })

const anyCommand = fc
  .tuple(fc.constantFrom<Sender>("first", "first", "second", "second", "pool"), anyQuery)
  .map(([sender, query]) => by(sender, query))

const sentBy = (sender: fc.Arbitrary<Sender>, queries: fc.Arbitrary<Query>) =>
  fc.tuple(sender, queries).map(([sender, query]) => by(sender, query))

const eitherSender = fc.constantFrom<Sender>("first", "second")

/** What makes the one wait for the other, while both are in a transaction. */
const contention = sentBy(
  eitherSender,
  fc.oneof(
    { weight: 5, arbitrary: often("a-1", "b-1").map((name) => query(`select acquire_lock('${name}')`)) },
    {
      weight: 8,
      arbitrary: fc
        .tuple(uuid, often("a-1", "a-2", "b-1", "c-1"))
        .map(([id, name]) => query("select write_message($1, $2, 'T', '{}')", [id, name])),
    },
    { weight: 6, arbitrary: checkpointOf(often("g", "h"), often("1", "5", "10")) },
    { weight: 1, arbitrary: directInsert },
    { weight: 2, arbitrary: often("savepoint p", "release savepoint p").map((text) => query(text)) },
    { weight: 2, arbitrary: often("rollback to savepoint p").map((text) => query(text)) },
    { weight: 1, arbitrary: often("commit", "rollback").map((text) => query(text)) },
    { weight: 1, arbitrary: fc.oneof(readStream, readMessages) },
  ),
)

const beginning = often("begin", "begin", "begin isolation level repeatable read").map((text) => query(text))
const ending = often("commit", "commit", "rollback").map((text) => query(text))

/** Both begin, get in each other's way, and end, the one that waits after the one that it waits for. */
const round = fc
  .tuple(beginning, beginning, fc.array(contention, { minLength: 4, maxLength: 10 }), ending, ending)
  .map(([first, second, middle, last, veryLast]) => [
    by("first", first),
    by("second", second),
    by("first", query("savepoint p")),
    ...middle,
    by("first", last),
    by("second", veryLast),
    by("first", veryLast),
  ])

/** A history of statements by two connections and a pool. */
export const commands = fc.oneof(
  fc
    .tuple(fc.boolean(), fc.array(anyCommand, { minLength: 20, maxLength: 60, size: "max" }))
    .map(([withTable, history]) => [...(withTable ? [by("pool", query(createTable))] : []), ...history]),
  fc
    .array(round, { minLength: 2, maxLength: 5, size: "max" })
    .map((rounds) => [by("pool", query(createTable)), ...rounds.flat()]),
)
