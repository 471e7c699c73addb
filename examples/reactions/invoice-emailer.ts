/*
 * A mail to the payer for every invoice that was raised. The provider takes an idempotency key, as most do, and a mail with
 * a key that it has seen is not sent again. So all there is to do is to choose a key that is the same whenever the same
 * event comes.
 */
import { randomUUID } from "node:crypto"
import type { EventHandler, ITimelineEvent } from "equinox-windtunnel/propeller"
import { failsWith } from "equinox-windtunnel/sim"
import { example } from "./example.js"

interface Mail {
  readonly to: string
  readonly subject: string
}

interface MailProvider {
  send(mail: Mail, options?: { readonly idempotencyKey: string }): Promise<void>
}

/** Notes of what is done, in a table of our own. */
interface Notes {
  has(key: string): Promise<boolean>
  add(key: string): Promise<void>
}

const mailOf = (event: ITimelineEvent): Mail => {
  const { payer, amount } = JSON.parse(event.data!) as { payer: string; amount: number }
  return { to: `${payer}@example.com`, subject: `Your invoice over ${amount}` }
}

const emailer =
  (mailer: MailProvider, keyOf: (stream: string, event: ITimelineEvent) => string): EventHandler =>
  async (stream, events) => {
    for (const event of events) {
      if (event.type !== "InvoiceRaised") continue
      await mailer.send(mailOf(event), { idempotencyKey: keyOf(stream, event) })
    }
  }

/** One key for one event, whenever it comes. */
const emailInvoices = (mailer: MailProvider) => emailer(mailer, (stream, { index }) => `${stream}@${index}`)

const emailWithFreshKey = (mailer: MailProvider) => emailer(mailer, () => randomUUID())

const emailWithKeyOfToday = (mailer: MailProvider) =>
  emailer(mailer, (stream) => `${stream} ${new Date().toISOString()}`)

const emailWithoutKey =
  (mailer: MailProvider): EventHandler =>
  async (_stream, events) => {
    for (const event of events) if (event.type === "InvoiceRaised") await mailer.send(mailOf(event))
  }

const emailAfterNote =
  (mailer: MailProvider, notes: Notes): EventHandler =>
  async (stream, events) => {
    for (const event of events) {
      const key = `${stream}@${event.index}`
      if (event.type !== "InvoiceRaised" || (await notes.has(key))) continue
      await notes.add(key)
      await mailer.send(mailOf(event))
    }
  }

const emailBeforeNote =
  (mailer: MailProvider, notes: Notes): EventHandler =>
  async (stream, events) => {
    for (const event of events) {
      const key = `${stream}@${event.index}`
      if (event.type !== "InvoiceRaised" || (await notes.has(key))) continue
      await mailer.send(mailOf(event))
      await notes.add(key)
    }
  }

/** Too many mails at once: the provider says so, and has sent none. */
class RateLimitedError extends Error {
  override readonly name = "RateLimitedError"
}

const emailUnlessLimited =
  (mailer: MailProvider): EventHandler =>
  async (stream, events) => {
    try {
      await emailInvoices(mailer)(stream, events)
    } catch (error) {
      if (!(error instanceof RateLimitedError)) throw error
    }
  }

/** What the provider can answer besides. */
const failures = { rateLimited: failsWith(() => new RateLimitedError("429: too many requests")) }

/** The provider as the sandbox of a real one, and the notes. */
class Outside {
  readonly mails: Mail[] = []
  readonly #keys = new Set<string>()
  readonly #notes = new Set<string>()

  readonly provider: MailProvider = {
    send: async (mail, options) => {
      if (options !== undefined && this.#keys.has(options.idempotencyKey)) return
      if (options !== undefined) this.#keys.add(options.idempotencyKey)
      this.mails.push(mail)
    },
  }

  readonly notes: Notes = {
    has: async (key) => this.#notes.has(key),
    add: async (key) => void this.#notes.add(key),
  }
}

const raised = (payer: string, amount: number) => ({ type: "InvoiceRaised", data: { payer, amount } })
const paid = { type: "PaymentReceived" }

export const invoiceEmailer = example({
  name: "invoice emailer",
  events: {
    "invoice-1": [raised("ann", 10), paid, raised("ann", 10)],
    "invoice-2": [raised("bob", 20), paid],
  },
  outside: () => new Outside(),
  // Nobody minds which of two payers gets a mail first.
  observe: ({ mails }) => mails.map(({ to, subject }) => `${to}: ${subject}`).sort(),
  right: (world, { provider }) => emailInvoices(world.port("mailer", provider, { failures })),
  wrong: [
    {
      flaw: "no idempotency key",
      axis: "redelivery",
      hint: /mailer\.send is called again with the same arguments/,
      reaction: (world, { provider }) => emailWithoutKey(world.port("mailer", provider)),
    },
    {
      flaw: "a key made of chance",
      axis: "redelivery",
      hint: /must not come from time, chance or a count/,
      reaction: (world, { provider }) => emailWithFreshKey(world.port("mailer", provider)),
    },
    {
      flaw: "a key made of time",
      axis: "redelivery",
      hint: /must not come from time, chance or a count/,
      reaction: (world, { provider }) => emailWithKeyOfToday(world.port("mailer", provider)),
    },
    {
      flaw: "noted as done before it is done: a crash in between loses the mail",
      axis: "crash",
      hint: /a marker that says it is done was stored first/,
      reaction: (world, { provider, notes }) =>
        emailAfterNote(world.port("mailer", provider), world.port("notes", notes)),
    },
    {
      flaw: "noted as done after it is done: a crash in between sends it twice",
      axis: "crash",
      hint: /mailer\.send is called again with the same arguments/,
      reaction: (world, { provider, notes }) =>
        emailBeforeNote(world.port("mailer", provider), world.port("notes", notes)),
    },
    {
      flaw: "a rate limit is taken for something that will pass by itself",
      axis: "own failure",
      hint: /mailer\.send does not come about when it fails once: its error is swallowed/,
      reaction: (world, { provider }) => emailUnlessLimited(world.port("mailer", provider, { failures })),
    },
  ],
})
