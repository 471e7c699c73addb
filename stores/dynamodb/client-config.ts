/** What the SDK's clients need to talk to a DynamoDB at an endpoint. */
export interface ClientConfig {
  readonly endpoint: string
  readonly region?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/**
 * The options for `new DynamoDB(…)` and `new DynamoDBStreams(…)` at that endpoint. Region and credentials are left to the
 * SDK, which looks at the environment and elsewhere; a DynamoDB Local on this machine, which looks at neither, gets
 * made-up ones where the environment names none.
 */
export function clientConfig(endpoint: string, env: NodeJS.ProcessEnv = process.env): ClientConfig {
  if (!isLoopback(endpoint)) return { endpoint }
  const given = (name: string) => env[name] !== undefined && env[name] !== ""
  const dummy = { accessKeyId: "windtunnel", secretAccessKey: "windtunnel" }
  return {
    endpoint,
    ...(!given("AWS_REGION") && { region: "us-east-1" }),
    ...(!given("AWS_ACCESS_KEY_ID") && !given("AWS_PROFILE") && { credentials: dummy }),
  }
}

function isLoopback(endpoint: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(endpoint).hostname)
}
