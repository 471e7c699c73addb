/** Takes what a person should know and what does not end a run. */
export type Warn = (message: string) => void

/** Node's own channel for warnings: standard error, once per call, `--trace-warnings` shows where from. */
export const systemWarn: Warn = (message) => process.emitWarning(message, "WindtunnelWarning")
