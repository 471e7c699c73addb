/** Tables are created, changed and deleted at once: there is no time in which they are CREATING or UPDATING. */
import type {
  AttributeDefinition,
  CreateTableInput,
  CreateTableOutput,
  DeleteTableInput,
  DeleteTableOutput,
  DescribeTableInput,
  DescribeTableOutput,
  DescribeTimeToLiveInput,
  DescribeTimeToLiveOutput,
  ListTablesInput,
  ListTablesOutput,
  StreamSpecification,
  UpdateTableInput,
  UpdateTableOutput,
  UpdateTimeToLiveInput,
  UpdateTimeToLiveOutput,
} from "@aws-sdk/client-dynamodb"
import { type DatabaseState, tableNameOf } from "../database-state.js"
import { allHashes } from "../partitions.js"
import { refuse, requireMember, UnsupportedByFakeError } from "../request-validation.js"
import { ServiceError, validationError } from "../service-error.js"
import type { Stored } from "../row.js"
import type { IndexDeclaration } from "../secondary-index.js"
import { Table } from "../table.js"
import {
  checkDefinitions,
  checkIndexNames,
  checkKeySchema,
  checkTableName,
  checkThroughput,
  globalIndex,
  localIndex,
} from "../table-declaration.js"
import { describe } from "../table-description.js"
import { keySchemaOf } from "../table-schema.js"

/** In front of a table's name in its ARN. */
const arnPrefix = "arn:aws:dynamodb:us-east-1:000000000000:table/"

const unsupportedOfTable = {
  GlobalTableSettingsReplicationMode: undefined,
  GlobalTableSourceArn: undefined,
  GlobalTableWitnessUpdates: undefined,
  MultiRegionConsistency: undefined,
  OnDemandThroughput: undefined,
  ReplicaUpdates: undefined,
  ResourcePolicy: undefined,
  SSESpecification: undefined,
  WarmThroughput: undefined,
}

export function createTable(state: DatabaseState, input: CreateTableInput): CreateTableOutput {
  refuse("CreateTable", input, { ...unsupportedOfTable, Tags: undefined })
  checkTableName(input.TableName)
  requireMember("attributeDefinitions", input.AttributeDefinitions)
  requireMember("keySchema", input.KeySchema)
  const { AttributeDefinitions: definitions, KeySchema: keySchema, TableName: name } = input
  const billingMode = input.BillingMode ?? "PROVISIONED"
  checkThroughput(billingMode, input.ProvisionedThroughput)
  checkKeySchema(keySchema, definitions)
  const local = (input.LocalSecondaryIndexes ?? []).map((index) => localIndex(index, definitions, keySchema))
  const global = (input.GlobalSecondaryIndexes ?? []).map((index) => globalIndex(index, definitions))
  const indexes = [...local, ...global]
  checkIndexNames(indexes)
  checkDefinitions(definitions, [keySchema, ...indexes.map((index) => index.keySchema)])
  if (state.tables.has(name)) throw new ServiceError("ResourceInUseException", `Table already exists: ${name}`)
  const table = new Table(
    {
      name,
      arn: arnPrefix + name,
      id: state.random.uuid(),
      createdAt: state.clock.now(),
      keySchema: structuredClone(keySchema),
      schema: keySchemaOf(keySchema, definitions),
    },
    {
      definitions: structuredClone(definitions),
      billingMode,
      throughput: input.ProvisionedThroughput && { ...input.ProvisionedThroughput },
      tableClass: input.TableClass,
      isProtected: input.DeletionProtectionEnabled ?? false,
    },
    state.history,
  )
  for (const index of indexes) table.addIndex(index, () => {})
  state.tables.set(name, table)
  if (input.StreamSpecification) setStream(state, table, input.StreamSpecification)
  return { TableDescription: describe(table) }
}

export function describeTable(state: DatabaseState, input: DescribeTableInput): DescribeTableOutput {
  return { Table: describe(tableToManage(state, input.TableName)) }
}

export function deleteTable(state: DatabaseState, input: DeleteTableInput): DeleteTableOutput {
  const table = tableToManage(state, input.TableName)
  if (table.settings.isProtected)
    throw validationError(
      "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
    )
  disableStream(state, table)
  state.tables.delete(table.name)
  return { TableDescription: describe(table, "DELETING") }
}

export function listTables(state: DatabaseState, input: ListTablesInput): ListTablesOutput {
  const limit = input.Limit ?? 100
  if (limit < 1) throw outOfRange("limit", limit, "greater than or equal to 1")
  if (limit > 100) throw outOfRange("limit", limit, "less than or equal to 100")
  const start = input.ExclusiveStartTableName
  const names = [...state.tables.keys()].sort().filter((name) => start === undefined || name > start)
  const page = names.slice(0, limit)
  return { TableNames: page, ...(names.length > limit && { LastEvaluatedTableName: page.at(-1)! }) }
}

export function updateTable(state: DatabaseState, input: UpdateTableInput): UpdateTableOutput {
  refuse("UpdateTable", input, unsupportedOfTable)
  const table = tableToManage(state, input.TableName)
  const { settings } = table
  const billingMode = input.BillingMode ?? settings.billingMode
  if (input.ProvisionedThroughput || input.BillingMode === "PROVISIONED")
    checkThroughput(billingMode, input.ProvisionedThroughput)
  checkChange(table, input)
  const definitions = mergedDefinitions(settings.definitions, input.AttributeDefinitions ?? [])
  const change = indexChange(table, definitions, input)
  if (input.StreamSpecification) setStream(state, table, input.StreamSpecification)
  table.settings = {
    ...settings,
    definitions,
    billingMode,
    throughput: billingMode === "PAY_PER_REQUEST" ? undefined : (input.ProvisionedThroughput ?? settings.throughput),
    tableClass: input.TableClass ?? settings.tableClass,
    isProtected: input.DeletionProtectionEnabled ?? settings.isProtected,
  }
  change()
  return { TableDescription: describe(table) }
}

/** @throws ServiceError ValidationException where nothing would change */
function checkChange(table: Table, input: UpdateTableInput): void {
  const { TableName: _, AttributeDefinitions: _definitions, ...changes } = input
  if (Object.values(changes).every((change) => change === undefined))
    throw validationError(
      "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required",
    )
  if (input.StreamSpecification?.StreamEnabled === false && table.streamViewType === undefined)
    throw validationError("Table has no stream to disable")
}

export function updateTimeToLive(state: DatabaseState, input: UpdateTimeToLiveInput): UpdateTimeToLiveOutput {
  tableToManage(state, input.TableName)
  requireMember("timeToLiveSpecification", input.TimeToLiveSpecification)
  if (input.TimeToLiveSpecification.Enabled)
    throw new UnsupportedByFakeError("items that expire (UpdateTimeToLive with Enabled true)", "DeleteItem")
  throw validationError("TimeToLive is already disabled")
}

export function describeTimeToLive(state: DatabaseState, input: DescribeTimeToLiveInput): DescribeTimeToLiveOutput {
  tableToManage(state, input.TableName)
  return { TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } }
}

/** What a request does to the indexes, checked but not done. @throws ServiceError */
function indexChange(
  table: Table,
  definitions: readonly AttributeDefinition[],
  { GlobalSecondaryIndexUpdates = [] }: UpdateTableInput,
): () => void {
  const changes = GlobalSecondaryIndexUpdates.map(({ Create, Delete, Update }) => {
    if (Update) throw new UnsupportedByFakeError("the parameter GlobalSecondaryIndexUpdates.Update of UpdateTable")
    if (Create) return addition(table, globalIndex(Create, definitions))
    return Delete ? removal(table, Delete.IndexName) : () => {}
  })
  return () => changes.forEach((change) => change())
}

function addition(table: Table, declaration: IndexDeclaration): () => void {
  checkIndexNames([...table.indexes.map((index) => index.declaration), declaration])
  const everyItem = (visit: (stored: Stored) => void) => {
    table.rows.scan(allHashes, undefined, undefined, (stored) => {
      visit(stored)
      return true
    })
  }
  return () => table.addIndex(declaration, everyItem)
}

function removal(table: Table, indexName: string | undefined): () => void {
  if (!table.indexes.some(({ kind, name }) => kind === "global" && name === indexName))
    throw new ServiceError("ResourceNotFoundException", "Requested resource not found")
  return () => table.removeIndex(indexName!)
}

function tableToManage(state: DatabaseState, nameOrArn: string | undefined): Table {
  requireMember("tableName", nameOrArn)
  const name = tableNameOf(nameOrArn)
  const table = state.tables.get(name)
  if (table === undefined)
    throw new ServiceError("ResourceNotFoundException", `Requested resource not found: Table: ${name} not found`)
  return table
}

function setStream(state: DatabaseState, table: Table, specification: StreamSpecification): void {
  const { StreamEnabled, StreamViewType } = specification
  const isEnabled = table.streamViewType !== undefined
  if (!StreamEnabled) {
    disableStream(state, table)
    return
  }
  if (StreamViewType === undefined)
    throw validationError("One or more parameter values were invalid: StreamViewType must be specified")
  if (isEnabled) throw validationError(`Table already has an enabled stream: TableName: ${table.name}`)
  enableStream(state, table, StreamViewType)
}

function enableStream(
  state: DatabaseState,
  table: Table,
  viewType: NonNullable<StreamSpecification["StreamViewType"]>,
): void {
  const enabledAt = state.clock.now()
  const streamLabel = freeLabel(state, table, enabledAt)
  const streamArn = `${table.arn}/stream/${streamLabel}`
  const { name: tableName, arn: tableArn, keySchema } = table
  table.stream = { tableName, tableArn, streamArn, streamLabel, viewType, keySchema, enabledAt }
  state.streams.set(streamArn, table.stream)
}

/** The time; a stream that is enabled within the millisecond of another of the table takes the next one. */
function freeLabel(state: DatabaseState, table: Table, at: number): string {
  for (let ms = at; ; ms++) {
    const label = new Date(ms).toISOString().slice(0, -1)
    if (!state.streams.has(`${table.arn}/stream/${label}`)) return label
  }
}

function disableStream(state: DatabaseState, table: Table): void {
  if (table.stream === undefined || table.stream.disabledAt !== undefined) return
  table.stream = { ...table.stream, disabledAt: state.clock.now() }
  state.streams.set(table.stream.streamArn, table.stream)
}

function mergedDefinitions<T extends { readonly AttributeName: string | undefined }>(
  old: readonly T[],
  more: readonly T[],
): readonly T[] {
  const added = more.filter(({ AttributeName }) => !old.some((known) => known.AttributeName === AttributeName))
  return [...old, ...added.map((definition) => ({ ...definition }))]
}

function outOfRange(member: string, value: number, constraint: string): ServiceError {
  return validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have value ${constraint}`,
  )
}
