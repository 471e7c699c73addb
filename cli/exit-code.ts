/** What the exit codes of `windtunnel` mean. */
export const exitCode = {
  held: 0,
  violated: 1,
  wrongUsage: 2,
  storeUnavailable: 3,
  /** A worker thread failed, so nothing is known. As sysexits.h has it for an internal error. */
  failed: 70,
  /** As a shell reports a program that Ctrl-C ended: 128 + SIGINT. */
  interrupted: 130,
  /** Nobody reads stdout any more. As a shell reports a program that such a pipe ended: 128 + SIGPIPE. */
  unread: 141,
} as const
