// Server-sent events, read from a stream of text (WHATWG HTML, 9.2.6).

export interface ServerEvent {
  /** `message` when the server names none. */
  event: string;
  data: string;
  /** The last `id:` seen up to here; empty when there was none. */
  id: string;
  /** The last `retry:` seen up to here, in milliseconds: how long to wait before connecting again. */
  retryMs: number | undefined;
}

/** Takes text as it arrives and hands over each event once its empty line is there. */
export class EventReader {
  private rest = "";
  private event = "";
  private data: string[] = [];
  private id = "";
  private retryMs: number | undefined;
  private readonly onEvent: (event: ServerEvent) => void;

  constructor(onEvent: (event: ServerEvent) => void) {
    this.onEvent = onEvent;
  }

  push(text: string): void {
    this.rest += text;
    // A carriage return at the end may be half of a line's end.
    const whole = this.rest.endsWith("\r") ? this.rest.slice(0, -1) : this.rest;
    const lines = whole.split(/\r\n|\n|\r/);
    const open = lines.pop() ?? "";
    this.rest = open + this.rest.slice(whole.length);
    for (const line of lines) this.line(line.startsWith("\ufeff") ? line.slice(1) : line);
  }

  private line(line: string): void {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.event = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id" && !value.includes("\0")) this.id = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.retryMs = Number(value);
  }

  private dispatch(): void {
    const { event, data, id, retryMs } = this;
    this.event = "";
    this.data = [];
    if (data.length === 0 && event === "") return;
    this.onEvent({ event: event === "" ? "message" : event, data: data.join("\n"), id, retryMs });
  }
}
