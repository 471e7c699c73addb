/**
 * An error as DynamoDB answers it, before it becomes an error of the SDK: `name` is the name of the SDK's class, `fields`
 * are the members it has besides the message, such as `CancellationReasons` or `Item`.
 */
export class ServiceError extends Error {
  override readonly name: string
  readonly fields: Readonly<Record<string, unknown>>

  constructor(name: string, message: string, fields: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.name = name
    this.fields = fields
  }
}

/** The request itself is wrong. */
export function validationError(message: string): ServiceError {
  return new ServiceError("ValidationException", message)
}

/** What the service wraps around everything that is wrong with an item's or a key's values. */
export function invalidParameter(message: string): ServiceError {
  return validationError(`One or more parameter values were invalid: ${message}`)
}
