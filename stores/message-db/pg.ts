/**
 * The part of the `pg` driver that this package uses, by shape: a `pg.Pool`, the fake, and whatever wraps one of
 * them all fit, and nobody needs the driver's types to use ours.
 */
export interface PgQuery {
  readonly text: string
  readonly values?: unknown[]
  /** Name of a prepared statement. */
  readonly name?: string
  readonly rowMode?: "array"
  /** Overrides the driver's global type parsers for this query. */
  readonly types?: { getTypeParser(oid: number, format?: string): (text: string) => unknown }
}

export interface PgResult {
  // The driver types its rows as `any`; so callers say what they expect.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly rows: any[]
  readonly rowCount: number | null
  readonly command: string
}

export interface PgQueryable {
  query(query: PgQuery): Promise<PgResult>
  query(text: string, values?: unknown[]): Promise<PgResult>
}

export interface PgClient extends PgQueryable {
  /** Hands the connection back; with an error or `true` it is closed instead. */
  release(destroy?: Error | boolean): void
}

export interface PgPool extends PgQueryable {
  connect(): Promise<PgClient>
}
