// A server in front of the system that does as it is told: it plays the live feed, and spoils answers.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What becomes of a request instead of its answer. */
export type Spoilt =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  /** The connection breaks before the system hears of it. */
  | "unheard"
  /** The system does it, and the answer is lost. */
  | "unanswered";

interface Rule {
  method: string;
  path: RegExp;
  spoilt: Spoilt;
}

/**
 * `absent`: as a server without a feed. `mute`: no answer. `held`: an answer, and no snapshot until `snapshot()`. `real`: what the system
 * itself says, which `hold` keeps back behind the head of the answer.
 */
export type FeedMode = "absent" | "mute" | "held" | "live" | "real";

export interface Seen {
  method: string;
  path: string;
  key: string | undefined;
  ifMatch: string | undefined;
  /** When it came, in milliseconds. */
  at: number;
}

interface Resource {
  id: string;
  [field: string]: unknown;
}

const SINGULAR: Record<string, string> = { users: "user", services: "service", ratings: "rating" };

export class Front {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly readers = new Set<ServerResponse>();
  private readonly rules: Rule[] = [];
  private readonly known = new Map<string, Resource>();
  private events: { sequence: number; text: string }[] = [];
  private sequence = 0;
  private port = 0;
  /** Where the system is; it may move. */
  target: number;
  mode: FeedMode = "live";
  private held: (() => void)[] | undefined;
  /** Requests that never reach the system, however often they are repeated. */
  broken: RegExp | undefined;
  /** Answers `/status/top.json` when it is there. */
  top: unknown;
  /** Every request for the API, in order. */
  readonly seen: Seen[] = [];
  /** The `Last-Event-ID` of every reader of the feed. */
  readonly resumed: (string | undefined)[] = [];

  constructor(target: number) {
    this.target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens, on the same port as before. */
  async up(): Promise<this> {
    const server = createServer((asked, answer) => void this.answer(asked, answer).catch(() => asked.destroy()));
    server.keepAliveTimeout = 60_000;
    server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, "127.0.0.1", resolve);
    });
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Ends every connection and takes no more. */
  async down(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined));
    this.readers.clear();
    for (const socket of this.sockets) socket.destroy();
    await closed;
    this.server = undefined;
  }

  /** The next such request is answered so; later ones are not. */
  spoil(method: string, path: RegExp, ...spoilt: Spoilt[]): void {
    for (const each of spoilt) this.rules.push({ method, path, spoilt: each });
  }

  /** Sends the snapshot to readers who wait for it, and to those who come. */
  snapshot(): void {
    this.mode = "live";
    for (const reader of this.readers) this.sayWhereItBegins(reader);
  }

  /** What the system's own feed says is kept back until `release`. */
  hold(): void {
    this.held = [];
  }

  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const write of held) write();
  }

  /** Ends the feed's connections; `drain` tells readers first. */
  cut(drain = false): void {
    for (const reader of this.readers) {
      if (drain) reader.write("event: drain\ndata: {}\n\n");
      reader.destroy();
    }
    this.readers.clear();
  }

  /** An event of the stream. `forget`: readers who were away can't be told of what came before. */
  emit(subject: string, data: unknown, { forget = false } = {}): void {
    this.sequence += 1;
    const content = { sequence: this.sequence, subject, time: new Date().toISOString(), data };
    const text = `id: ${this.sequence}\nevent: change\ndata: ${JSON.stringify(content)}\n\n`;
    if (forget) this.events = [];
    this.events.push({ sequence: this.sequence, text });
    if (this.mode === "live") for (const reader of this.readers) reader.write(text);
  }

  /** Bytes as they are, to all readers. */
  write(text: string): void {
    for (const reader of this.readers) reader.write(text);
  }

  get readerCount(): number {
    return this.readers.size;
  }

  private async answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const path = asked.url ?? "/";
    const method = asked.method ?? "GET";
    if (path === "/api/events" && this.mode === "real") return this.through(asked, answer);
    if (path === "/api/events" && this.mode === "absent") return send(answer, 404, {}, { title: "not found", status: 404 });
    if (path === "/api/events") return this.feed(asked, answer);
    if (path === "/status/top.json" && this.top !== undefined) return send(answer, 200, {}, this.top);
    if (path.startsWith("/api/")) {
      this.seen.push({ method, path, key: header(asked, "idempotency-key"), ifMatch: header(asked, "if-match"), at: performance.now() });
    }
    if (this.broken?.test(path)) return void asked.socket.destroy();
    const place = this.rules.findIndex((rule) => rule.method === method && rule.path.test(path));
    const spoilt = place < 0 ? undefined : this.rules.splice(place, 1)[0]?.spoilt;
    if (spoilt === "unheard") return void asked.socket.destroy();
    if (spoilt !== undefined && spoilt !== "unanswered") {
      asked.resume();
      return send(answer, spoilt.status, spoilt.headers ?? {}, spoilt.body);
    }
    await this.pass(asked, answer, spoilt === "unanswered");
  }

  private feed(asked: IncomingMessage, answer: ServerResponse): void {
    const last = header(asked, "last-event-id");
    this.resumed.push(last);
    if (this.mode === "mute") return;
    answer.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    answer.write(": hello\n\n");
    this.readers.add(answer);
    asked.on("close", () => this.readers.delete(answer));
    if (this.mode !== "live") return;
    const oldest = this.events[0]?.sequence ?? this.sequence + 1;
    if (last === undefined || Number(last) + 1 < oldest) this.sayWhereItBegins(answer);
    else for (const event of this.events) if (event.sequence > Number(last)) answer.write(event.text);
  }

  /** The system's own feed, as it comes. */
  private through(asked: IncomingMessage, answer: ServerResponse): void {
    this.resumed.push(header(asked, "last-event-id"));
    const { method, url: path, headers } = asked;
    const passed = request({ host: "127.0.0.1", port: this.target, method, path, headers, agent: false }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      answer.flushHeaders();
      this.readers.add(answer);
      const later = (write: () => void) => (this.held ? this.held.push(write) : write());
      got.on("data", (part: Buffer) => later(() => answer.write(part)));
      got.on("end", () => later(() => answer.end()));
      got.on("error", () => answer.destroy());
    });
    passed.on("error", () => asked.socket.destroy());
    asked.on("close", () => {
      this.readers.delete(answer);
      passed.destroy();
    });
    passed.end();
  }

  private sayWhereItBegins(reader: ServerResponse): void {
    reader.write(`id: ${this.sequence}\nevent: snapshot\ndata: {"sequence":${this.sequence}}\n\n`);
  }

  private pass(asked: IncomingMessage, answer: ServerResponse, loseAnswer: boolean): Promise<void> {
    const { method, url: path, headers } = asked;
    return new Promise((resolve, reject) => {
      const passed = request({ host: "127.0.0.1", port: this.target, method, path, headers }, (got) => {
        const parts: Buffer[] = [];
        got.on("data", (part: Buffer) => parts.push(part));
        got.on("error", reject);
        got.on("end", () => {
          const body = Buffer.concat(parts);
          this.note(method ?? "GET", path ?? "/", got.statusCode ?? 0, body);
          if (loseAnswer) asked.socket.destroy();
          else {
            answer.writeHead(got.statusCode ?? 502, got.headers);
            answer.end(body);
          }
          resolve();
        });
      });
      passed.on("error", reject);
      asked.pipe(passed);
    });
  }

  /** What has been written becomes an event, as the outbox of the real service makes one. */
  private note(method: string, path: string, status: number, body: Buffer): void {
    const [, collection = "", id = ""] = /^\/api\/(users|services|ratings)(?:\/([^/?]+))?(?:\?.*)?$/.exec(path) ?? [];
    const aggregate = SINGULAR[collection];
    if (aggregate === undefined || status >= 300) return;
    if (method === "DELETE") return this.emit(`events.${aggregate}.deleted`, this.known.get(id) ?? { id });
    const content = JSON.parse(body.toString()) as Resource & { items?: Resource[] };
    for (const resource of content.items ?? [content]) this.known.set(resource.id, resource);
    if (method === "POST") this.emit(`events.${aggregate}.created`, content);
    if (method === "PUT") this.emit(`events.${aggregate}.updated`, content);
  }
}

function header(asked: IncomingMessage, name: string): string | undefined {
  const value = asked.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function send(answer: ServerResponse, status: number, headers: Record<string, string>, body: unknown): void {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  answer.writeHead(status, { "content-type": type, ...headers });
  answer.end(body === undefined ? undefined : JSON.stringify(body));
}
