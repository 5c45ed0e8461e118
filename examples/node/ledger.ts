/** Calls the ledger from Node.js: the services of the .proto files, with tokens, and refusals as errors. */

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import protobuf from "protobufjs";

const STATUS = "grpc-status-details-bin";
const DEADLINE_SECONDS = 30;

// What is decoded of a status (google/rpc/status.proto and error_details.proto).
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
`,
  { keepCase: true },
);

// A channel that is idle asks now and then whether the server is there; UNAVAILABLE is tried again.
const OPTIONS = {
  "grpc.keepalive_time_ms": 30_000,
  "grpc.max_receive_message_length": 64 * 1024 * 1024,
  "grpc.service_config": JSON.stringify({
    methodConfig: [
      {
        name: [{}],
        retryPolicy: {
          maxAttempts: 5,
          initialBackoff: "0.2s",
          maxBackoff: "5s",
          backoffMultiplier: 2,
          retryableStatusCodes: ["UNAVAILABLE"],
        },
      },
    ],
  }),
};

/** A message as plain values: numbers of 64 bits are texts, and fields have the names of the schema. */
export type Message = Record<string, any>;

/** Why a call was refused. `reason` is a value of partsledger.v1.ErrorReason. */
export class Refused extends Error {
  constructor(
    readonly code: grpc.status,
    message: string,
    readonly reason: string,
    readonly metadata: Record<string, string>,
  ) {
    super(message);
  }
}

/** One caller's connection to a server. */
export class Ledger {
  private readonly services: Record<string, any>;
  private readonly credentials: grpc.ChannelCredentials;
  private readonly clients = new Map<string, any>();

  /** `authority` is who has issued the server's certificate, in PEM; without it nothing is encrypted. */
  constructor(
    private readonly server: string,
    protos: string,
    private readonly token: string,
    authority?: string,
  ) {
    this.credentials = authority
      ? grpc.credentials.createSsl(readFileSync(authority))
      : grpc.credentials.createInsecure();
    const folder = join(protos, "partsledger", "v1");
    const files = readdirSync(folder).filter((file) => file.endsWith("_service.proto"));
    const definition = loadSync(
      files.map((file) => join(folder, file)),
      { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true, includeDirs: [protos] },
    );
    this.services = (grpc.loadPackageDefinition(definition) as any).partsledger.v1;
  }

  /** Calls a method, as "ClaimService.CreateClaim", and resolves to its answer, or rejects with Refused. */
  call(method: string, request: Message): Promise<Message> {
    const [client, name] = this.client(method);
    const deadline = new Date(Date.now() + DEADLINE_SECONDS * 1000);
    return new Promise((resolve, reject) => {
      client[name](request, this.metadata(), { deadline }, (error: grpc.ServiceError | null, answer: Message) =>
        error ? reject(refusal(error)) : resolve(answer),
      );
    });
  }

  /** The answers of a method that streams them, one after the other. */
  async *follow(method: string, request: Message): AsyncGenerator<Message> {
    const [client, name] = this.client(method);
    const stream = client[name](request, this.metadata());
    try {
      for await (const answer of stream) yield answer;
    } catch (error) {
      throw refusal(error as grpc.ServiceError);
    } finally {
      stream.on("error", () => undefined); // It was cancelled: nobody waits for what comes of it.
      stream.cancel();
    }
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
  }

  private client(method: string): [any, string] {
    const [service = "", name = ""] = method.split(".");
    let client = this.clients.get(service);
    if (client === undefined) {
      client = new this.services[service](this.server, this.credentials, OPTIONS);
      this.clients.set(service, client);
    }
    return [client, name];
  }

  private metadata(): grpc.Metadata {
    const metadata = new grpc.Metadata();
    if (this.token) metadata.set("authorization", `Bearer ${this.token}`);
    return metadata;
  }
}

function refusal(error: grpc.ServiceError): Error {
  const [status] = error.metadata?.get(STATUS) ?? [];
  if (!(status instanceof Buffer)) return error;
  const decoded = root.lookupType("Status").decode(status) as Message;
  for (const detail of decoded.details) {
    if (detail.type_url.endsWith("google.rpc.ErrorInfo")) {
      const info = root.lookupType("ErrorInfo").decode(detail.value) as Message;
      return new Refused(error.code, error.details, info.reason, { ...info.metadata });
    }
  }
  return error;
}
