import type { ScanCommandInput, ScanCommandOutput } from "@aws-sdk/client-dynamodb"
import { tipIndex } from "./stored-item.js"

/** What looking for streams needs of DynamoDB: the `DynamoDB` object of the AWS SDK, or anything of this shape. */
export interface ScanningClient {
  scan(input: ScanCommandInput): Promise<ScanCommandOutput>
}

/**
 * Names of the streams of a category, each once, in the order in which the table has them. No index knows them: the table
 * is read for it, as far as names are asked for, a page of up to a megabyte at a time.
 */
export async function* streamNames(client: ScanningClient, table: string, category: string): AsyncGenerator<string> {
  let from: ScanCommandOutput["LastEvaluatedKey"]
  do {
    const page = await client.scan({
      TableName: table,
      // Every stream has one Tip.
      FilterExpression: "i = :tip and begins_with(p, :category)",
      ExpressionAttributeValues: { ":tip": { N: String(tipIndex) }, ":category": { S: `${category}-` } },
      ProjectionExpression: "p",
      ...(from !== undefined && { ExclusiveStartKey: from }),
    })
    for (const { p } of page.Items ?? []) if (p?.S !== undefined) yield p.S
    from = page.LastEvaluatedKey
  } while (from !== undefined)
}
