import { DatabaseError } from "./database-error.js"
import type { MessageRow } from "./message-rows.js"
import {
  acquireLock,
  advisoryLock,
  getCategoryMessages,
  getLastStreamMessage,
  getStreamMessages,
  nameFunctions,
  streamVersion,
  writeMessage,
  type CompileCondition,
} from "./message-db-functions.js"
import type { SessionContext } from "./session-context.js"
import type { SqlType, Value } from "./sql-type.js"
import type { Steps } from "./transaction.js"

export interface Parameter {
  readonly name: string
  readonly type: SqlType
  /** Undefined: the argument has to be given. */
  readonly default?: Value
}

interface Signature {
  readonly schema: "message_store" | "pg_catalog"
  readonly parameters: readonly Parameter[]
}

/** A function that may be called in SQL. Arguments come in the order of the parameters, all of them. */
export type SqlFunction = Signature &
  (
    | { readonly kind: "value"; readonly type: SqlType; call(session: SessionContext, ...args: Value[]): Value }
    /** Has effects, may have to wait, or sees the effects of others in the same statement. */
    | {
        readonly kind: "volatile"
        readonly type: SqlType
        call(session: SessionContext, ...args: Value[]): Steps<Value>
      }
    | { readonly kind: "messages"; call(session: SessionContext, ...args: Value[]): MessageRow[] }
  )

type Text = string | null
type Int = bigint | null

const argument = (name: string, type: SqlType) => ({ name, type })
const optional = (name: string, type: SqlType, value: Value) => ({ name, type, default: value })

/** Every function by name; none is overloaded. */
export function sqlFunctions(compile: CompileCondition): ReadonlyMap<string, SqlFunction> {
  const functions = new Map<string, SqlFunction>()
  const store = { schema: "message_store" } as const
  const builtin = { schema: "pg_catalog" } as const
  const streamName = argument("stream_name", "varchar")

  const nameFunction = (name: keyof typeof nameFunctions, type: SqlType, parameter = "stream_name") =>
    functions.set(name, {
      ...store,
      kind: "value",
      type,
      parameters: [argument(parameter, "varchar")],
      call: (session, value) => nameFunctions[name](session, value as Text),
    })
  nameFunction("category", "varchar")
  nameFunction("is_category", "boolean")
  nameFunction("id", "varchar")
  nameFunction("cardinal_id", "varchar")
  nameFunction("hash_64", "int8", "value")

  functions.set("message_store_version", {
    ...store,
    kind: "value",
    type: "varchar",
    parameters: [],
    call: () => "1.3.0",
  })
  functions.set("acquire_lock", {
    ...store,
    kind: "volatile",
    type: "int8",
    parameters: [streamName],
    call: (session, name) => acquireLock(session, name as Text),
  })
  functions.set("stream_version", {
    ...store,
    kind: "volatile",
    type: "int8",
    parameters: [streamName],
    *call(session, name) {
      return streamVersion(session, name as Text)
    },
  })
  functions.set("write_message", {
    ...store,
    kind: "volatile",
    type: "int8",
    parameters: [
      argument("id", "varchar"),
      streamName,
      argument("type", "varchar"),
      argument("data", "jsonb"),
      optional("metadata", "jsonb", null),
      optional("expected_version", "int8", null),
    ],
    call: (session, ...args) =>
      writeMessage(session, ...(args as [id: Text, stream: Text, type: Text, data: Text, meta: Text, version: Int])),
  })
  functions.set("get_stream_messages", {
    ...store,
    kind: "messages",
    parameters: [
      streamName,
      optional("position", "int8", 0n),
      optional("batch_size", "int8", 1000n),
      optional("condition", "varchar", null),
    ],
    call: (session, ...args) =>
      getStreamMessages(session, compile, ...(args as [stream: Text, position: Int, size: Int, condition: Text])),
  })
  functions.set("get_last_stream_message", {
    ...store,
    kind: "messages",
    parameters: [streamName, optional("type", "varchar", null)],
    call: (session, name, type) => getLastStreamMessage(session, name as Text, type as Text),
  })
  functions.set("get_category_messages", {
    ...store,
    kind: "messages",
    parameters: [
      argument("category", "varchar"),
      optional("position", "int8", 1n),
      optional("batch_size", "int8", 1000n),
      optional("correlation", "varchar", null),
      optional("consumer_group_member", "int8", null),
      optional("consumer_group_size", "int8", null),
      optional("condition", "varchar", null),
    ],
    call: (session, ...args) =>
      getCategoryMessages(session, compile, ...(args as [Text, Int, Int, Text, Int, Int, Text])),
  })

  functions.set("pg_advisory_xact_lock", {
    ...builtin,
    kind: "volatile",
    type: "void",
    parameters: [argument("", "int8")],
    *call(session, key) {
      if (key === null) return null
      yield* session.transaction.lock(advisoryLock(key as bigint))
      return ""
    },
  })
  functions.set("current_setting", {
    ...builtin,
    kind: "value",
    type: "text",
    parameters: [argument("", "text"), optional("", "boolean", false)],
    call: (session, name, missingOk) => {
      if (name === null) return null
      return missingOk === true ? session.settings.get(name as string) : session.settings.require(name as string)
    },
  })
  functions.set("set_config", {
    ...builtin,
    kind: "volatile",
    type: "text",
    parameters: [argument("", "text"), argument("", "text"), argument("", "boolean")],
    *call(session, name, value, local) {
      session.settings.set(session.transaction, name as string, (value ?? "") as string, local === true)
      return value
    },
  })
  functions.set("setval", {
    ...builtin,
    kind: "volatile",
    type: "int8",
    parameters: [argument("", "text"), argument("", "int8")],

    *call(_, sequence) {
      throw new DatabaseError("42501", `permission denied for sequence ${sequence as string}`, {
        routine: "aclcheck_error",
      })
    },
  })
  const constant = (name: string, type: SqlType, value: (session: SessionContext) => Value) =>
    functions.set(name, { ...builtin, kind: "value", type, parameters: [], call: value })
  const now = (session: SessionContext) => `${session.transaction.startedAt}+00`
  constant("now", "timestamptz", now)
  constant("transaction_timestamp", "timestamptz", now)
  constant("current_timestamp", "timestamptz", now)
  constant("current_time", "timetz", (session) => `${session.transaction.startedAt.slice(11)}+00`)
  constant("current_user", "name", (session) => session.user)
  constant("current_schema", "name", (session) => session.searchPath[0] ?? null)
  constant("pg_backend_pid", "int4", (session) => BigInt(session.processId))
  functions.set("gen_random_uuid", {
    ...builtin,
    kind: "volatile",
    type: "uuid",
    parameters: [],
    *call(session) {
      return session.uuid()
    },
  })
  return functions
}
