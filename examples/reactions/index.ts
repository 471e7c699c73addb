import type { AnyExample } from "./example.js"
import { invoiceEmailer } from "./invoice-emailer.js"
import { orderCounter } from "./order-counter.js"
import { payerReadModel } from "./payer-read-model.js"

export const examples: readonly AnyExample[] = [invoiceEmailer, payerReadModel, orderCounter]
