/*
 * A streaming standby of a Message DB in a container: a container of the same image that copies the primary once, when it is
 * new, and follows it from then on. It takes reads only. How far it is behind is up to whoever controls it:
 * `pg_wal_replay_pause()`, `recovery_min_apply_delay`.
 */
// The password comes from the platform: this is harness, no run of the engine depends on it.
// eslint-disable-next-line no-restricted-imports
import { randomBytes } from "node:crypto"
import { startContainer } from "../container.js"
import { freePort } from "../free-port.js"
import { type MessageDbContainer, serverFlags } from "./container-server.js"
import { openPool } from "./open-pool.js"

const role = "windtunnel_standby"

/** What is applied does not wait for reads that are in its way: they are cancelled. */
const neverWaiting = ["-c", "max_standby_streaming_delay=0", "-c", "max_standby_archive_delay=0"]

/** It takes the settings of the primary's files along, not those of its command line. */
const copyAndFollow = `
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  pg_basebackup --host="$PRIMARY" --username=${role} --pgdata="$PGDATA" --write-recovery-conf --checkpoint=fast --no-sync
fi
exec docker-entrypoint.sh postgres "$@"`

/**
 * Starts a standby with all databases that the primary has. Its logins are those of the primary. A restart keeps its port
 * and its data.
 * @throws StoreUnavailableError when the container cannot be started.
 */
export async function startStandbyContainer(primary: MessageDbContainer): Promise<MessageDbContainer> {
  const password = randomBytes(24).toString("hex")
  await admitStandby(primary.superuserConnectionString, password)
  const { image } = primary
  const { id, host, port, address, control, stop } = await startContainer({
    image,
    port: 5432,
    hostPort: await freePort(),
    environment: { PRIMARY: primary.address, PGPASSWORD: password },
    command: ["bash", "-c", copyAndFollow, "standby", ...serverFlags, ...neverWaiting],
    ready: { line: /database system is ready to accept read.only connections/, times: 1 },
  })
  const here = (connectionString: string) =>
    Object.assign(new URL(connectionString), { hostname: host, port: String(port) }).href
  return {
    ...{ image, id, address, control, stop },
    connectionString: here(primary.connectionString),
    superuserConnectionString: here(primary.superuserConnectionString),
  }
}

/** A role that may follow, and the line that lets it in: images let in nobody for that. */
async function admitStandby(superuserConnectionString: string, password: string): Promise<void> {
  const pool = await openPool(superuserConnectionString, { max: 1 })
  try {
    await pool.query(`create role ${role} replication login password '${password}'`)
    const line = `host replication ${role} all scram-sha-256`
    await pool.query(`copy (select '${line}') to program 'cat >> "$PGDATA/pg_hba.conf"'`)
    await pool.query("select pg_reload_conf()")
  } finally {
    await pool.end()
  }
}
