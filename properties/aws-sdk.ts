import { StoreUnavailableError } from "../engine/store-unavailable.js"

const packages = ["@aws-sdk/client-dynamodb", "@aws-sdk/client-dynamodb-streams"]

/**
 * Loads what needs the SDK, which whoever uses no DynamoDB need not install.
 * @throws StoreUnavailableError when it is not there.
 */
export async function withAwsSdk<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code !== "ERR_MODULE_NOT_FOUND" || !packages.some((name) => message.includes(name))) throw error
    throw new StoreUnavailableError(
      `DynamoDB and its fake need the packages ${packages.join(" and ")}`,
      `install them: npm install ${packages.join(" ")}`,
      { cause: error },
    )
  }
}
