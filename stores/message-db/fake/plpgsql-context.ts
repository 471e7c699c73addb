/** The lines that PostgreSQL adds to `where` for what fails inside Message DB's functions. */

const category =
  "get_category_messages(character varying,bigint,bigint,character varying,bigint,bigint,character varying)"
const stream = "get_stream_messages(character varying,bigint,bigint,character varying)"
const write = "write_message(character varying,character varying,character varying,jsonb,jsonb,bigint)"

const line = (signature: string, number: number, what: string) =>
  `PL/pgSQL function ${signature} line ${number} at ${what}`

export const inside = {
  category: (number: number, what: string) => line(category, number, what),
  stream: (number: number, what: string) => line(stream, number, what),
  write: (number: number, what: string) => line(write, number, what),
}

/** Where each function fails first when its schema is not in the search path. */
export const outsideSearchPath = {
  acquire_lock: line("acquire_lock(character varying)", 6, "assignment"),
  cardinal_id: line("cardinal_id(character varying)", 5, "assignment"),
  stream_version: line("stream_version(character varying)", 5, "SQL statement"),
  write_message: inside.write(7, "PERFORM"),
  get_stream_messages: inside.stream(6, "IF"),
  get_category_messages: inside.category(5, "IF"),
  get_last_stream_message: line("get_last_stream_message(character varying,character varying)", 38, "RETURN QUERY"),
}

export const waitingForCategoryLock = [
  'SQL statement "SELECT pg_advisory_xact_lock(_category_name_hash)"',
  "PL/pgSQL function acquire_lock(character varying) line 8 at PERFORM",
].join("\n")

export const lockOfWriteMessage = [
  'SQL statement "SELECT acquire_lock(write_message.stream_name)"',
  inside.write(7, "PERFORM"),
].join("\n")

export const insertOfWriteMessage = [
  `SQL statement "INSERT INTO messages
    (
      id,
      stream_name,
      position,
      type,
      data,
      metadata
    )
  VALUES
    (
      _message_id,
      write_message.stream_name,
      _next_position,
      write_message.type,
      write_message.data,
      write_message.metadata
    )"`,
  inside.write(29, "SQL statement"),
].join("\n")
