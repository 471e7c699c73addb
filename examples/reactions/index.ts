import { accountBalances } from "./account-balances.js"
import type { AnyExample } from "./example.js"
import { fulfilment } from "./fulfilment.js"
import { invoiceEmailer } from "./invoice-emailer.js"
import { orderCounter } from "./order-counter.js"
import { outboxRelay } from "./outbox-relay.js"
import { payerReadModel } from "./payer-read-model.js"
import { searchIndex } from "./search-index.js"
import { ticketNotifier } from "./ticket-notifier.js"

export const examples: readonly AnyExample[] = [
  invoiceEmailer,
  payerReadModel,
  fulfilment,
  orderCounter,
  ticketNotifier,
  outboxRelay,
  searchIndex,
  accountBalances,
]
