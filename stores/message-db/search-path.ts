/**
 * Message DB's functions name each other without a schema, so they work only for logins that have `message_store` in
 * their search path. For others PostgreSQL says that a function does not exist, which sends people the wrong way; this
 * says what is the matter. Every other error is answered as it is.
 */
export function explainingSearchPath(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string }
  if (code !== "42883" && code !== "42P01") return error
  return new Error(
    `${message}: is Message DB installed in this database, and message_store in the search_path of this login? ` +
      `(alter role … set search_path to message_store, public)`,
    { cause: error },
  )
}
