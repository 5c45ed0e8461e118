/**
 * A dealer submits a claim, an adjudicator decides it, and what was recorded is read off the log.
 *
 *     npm install && npm run build
 *     npm start -- 127.0.0.1:50151 main ../../proto
 *
 * Who calls is in the environment: DEALER_TOKEN, ADJUDICATOR_TOKEN, AUDITOR_TOKEN; and in TLS_CA the
 * file of who has issued the server's certificate. A server on loopback may ask for none of it.
 */

import { randomUUID } from "node:crypto";
import { Ledger, Refused, type Message } from "./ledger.js";

const [server = "127.0.0.1:50151", bookName = "main", protos = "../../proto", number = "CL-N1"] =
  process.argv.slice(2);
const { DEALER_TOKEN = "", ADJUDICATOR_TOKEN = "", AUDITOR_TOKEN = "", TLS_CA } = process.env;
const book = `books/${bookName}`;

const cny = (units: number): Message => ({ currency_code: "CNY", units: String(units) });
const day = (year: number, month: number, date: number): Message => ({ year, month, day: date });
const item = (kind: string, units: number, more: Message = {}): Message => ({
  kind: `CLAIM_ITEM_KIND_${kind}`,
  inspected: cny(units),
  ordered: cny(units),
  claimed: cny(units),
  ...more,
});

async function submitted(dealer: Ledger): Promise<Message> {
  const request = {
    parent: book,
    claim_id: number,
    request_id: randomUUID(),
    claim: {
      dealer: `${book}/dealers/D01`,
      machine: `${book}/machines/M-D01`,
      user: "U-1",
      failed_on: day(2025, 7, 10),
      causal_part: `${book}/parts/P-1`,
      fault_code: "F-1",
      pre_inspection: "PI-1",
      work_order: "WO-1",
      settlement_sheet: "SS-1",
      items: [item("MATERIAL", 10, { part: `${book}/parts/P-1`, quantity: 1 }), item("LABOUR", 5)],
    },
    occurrence: { occurred_on: day(2025, 7, 12), document: "WO-1" },
  };
  const answer = await dealer.call("ClaimService.CreateClaim", request);
  const again = await dealer.call("ClaimService.CreateClaim", request); // As after a lost answer.
  if (again.receipt.last_position !== answer.receipt.last_position) throw new Error("recorded twice");
  return answer.claim;
}

function decided(adjudicator: Ledger, claim: Message): Promise<Message> {
  return adjudicator.call("ClaimService.AdjudicateClaim", {
    name: claim.name,
    etag: claim.etag,
    request_id: randomUUID(),
    decisions: [
      { item: 1, approved: cny(10) },
      { item: 2, approved: cny(4), because: "labour table" },
    ],
    occurrence: { occurred_on: day(2025, 7, 14), document: "DEC-1" },
  });
}

/** The reason why a call is refused; empty if it is not. */
async function reason(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
  return "";
}

async function recorded(auditor: Ledger): Promise<string[]> {
  const topics: string[] = [];
  const request = { parent: book, from_position: "1", filter: { stream: `claims/${number}` } };
  for await (const event of auditor.follow("EntryService.SubscribeEntries", request)) {
    if (event.entry) topics.push(event.entry.topic);
    else if (Number(event.heartbeat.passed_position) >= Number(event.heartbeat.head_position)) break;
  }
  return topics;
}

const dealer = new Ledger(server, protos, DEALER_TOKEN, TLS_CA);
const adjudicator = new Ledger(server, protos, ADJUDICATOR_TOKEN, TLS_CA);
const auditor = new Ledger(server, protos, AUDITOR_TOKEN, TLS_CA);
try {
  const claim = await submitted(dealer);
  console.log("submitted", claim.name, claim.claimed.units);
  console.log("dealer decides", (await reason(decided(dealer, claim))) || "accepted");
  const { claim: approved } = await decided(adjudicator, claim);
  console.log("decided", approved.state, approved.approved.units);
  console.log("again", await reason(decided(adjudicator, claim)));
  console.log("recorded", (await recorded(auditor)).join(" "));
} finally {
  for (const each of [dealer, adjudicator, auditor]) each.close();
}
