import type {
  GetItemCommandInput,
  GetItemCommandOutput,
  PutItemCommandInput,
  PutItemCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
  TransactWriteItemsCommandInput,
  TransactWriteItemsCommandOutput,
  UpdateItemCommandInput,
  UpdateItemCommandOutput,
} from "@aws-sdk/client-dynamodb"

/**
 * What the store needs of DynamoDB: the `DynamoDB` object of the AWS SDK, a fake of it, or anything of this shape. The
 * store imports no code of the SDK; it tells the service's errors apart by their `name`, so two copies of the SDK in one
 * process do no harm.
 */
export interface DynamoClient {
  getItem(input: GetItemCommandInput): Promise<GetItemCommandOutput>
  putItem(input: PutItemCommandInput): Promise<PutItemCommandOutput>
  updateItem(input: UpdateItemCommandInput): Promise<UpdateItemCommandOutput>
  transactWriteItems(input: TransactWriteItemsCommandInput): Promise<TransactWriteItemsCommandOutput>
  query(input: QueryCommandInput): Promise<QueryCommandOutput>
}
