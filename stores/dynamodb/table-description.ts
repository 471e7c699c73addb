import type {
  GlobalSecondaryIndexDescription,
  LocalSecondaryIndexDescription,
  ProvisionedThroughput,
  ProvisionedThroughputDescription,
  TableDescription,
  TableStatus,
} from "@aws-sdk/client-dynamodb"
import type { SecondaryIndex } from "./secondary-index.js"
import type { Table } from "./table.js"

/** What DescribeTable tells of a table. */
export function describe(table: Table, status: TableStatus = "ACTIVE"): TableDescription {
  const { settings } = table
  const local = table.indexes.filter(({ kind }) => kind === "local")
  const global = table.indexes.filter(({ kind }) => kind === "global")
  return {
    AttributeDefinitions: settings.definitions.map((definition) => ({ ...definition })),
    TableName: table.name,
    KeySchema: table.keySchema.map((element) => ({ ...element })),
    TableStatus: status,
    CreationDateTime: new Date(table.createdAt),
    ProvisionedThroughput: throughput(settings.throughput),
    TableSizeBytes: table.sizeBytes,
    ItemCount: table.itemCount,
    TableArn: table.arn,
    TableId: table.id,
    ...(settings.billingMode === "PAY_PER_REQUEST" && payPerRequest(table)),
    ...(local.length > 0 && { LocalSecondaryIndexes: local.map((index) => describeLocal(table, index)) }),
    ...(global.length > 0 && {
      GlobalSecondaryIndexes: global.map((index) => describeGlobal(table, index, status)),
    }),
    ...describeStream(table),
    ...(settings.tableClass && { TableClassSummary: { TableClass: settings.tableClass } }),
    DeletionProtectionEnabled: settings.isProtected,
  }
}

function payPerRequest({ createdAt }: Table): TableDescription {
  return {
    BillingModeSummary: {
      BillingMode: "PAY_PER_REQUEST",
      LastUpdateToPayPerRequestDateTime: new Date(createdAt),
    },
  }
}

function describeStream({ stream }: Table): TableDescription {
  if (stream === undefined) return {}
  const isEnabled = stream.disabledAt === undefined
  return {
    ...(isEnabled && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType } }),
    LatestStreamLabel: stream.streamLabel,
    LatestStreamArn: stream.streamArn,
  }
}

function describeLocal(table: Table, index: SecondaryIndex): LocalSecondaryIndexDescription {
  const { name, keySchema, projection } = index.declaration
  return {
    IndexName: name,
    KeySchema: keySchema.map((element) => ({ ...element })),
    Projection: structuredClone(projection),
    IndexSizeBytes: index.sizeBytes,
    ItemCount: index.itemCount,
    IndexArn: `${table.arn}/index/${name}`,
  }
}

function describeGlobal(table: Table, index: SecondaryIndex, status: TableStatus): GlobalSecondaryIndexDescription {
  return {
    ...describeLocal(table, index),
    IndexStatus: status === "DELETING" ? "DELETING" : "ACTIVE",
    ProvisionedThroughput: throughput(index.declaration.throughput),
  }
}

function throughput(given: ProvisionedThroughput | undefined): ProvisionedThroughputDescription {
  return {
    NumberOfDecreasesToday: 0,
    ReadCapacityUnits: given?.ReadCapacityUnits ?? 0,
    WriteCapacityUnits: given?.WriteCapacityUnits ?? 0,
  }
}
