import { describe, expect, test } from "vitest";
import { EventReader, type ServerEvent } from "../../src/feed/sse";

function read(...parts: string[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  const reader = new EventReader((event) => events.push(event));
  for (const part of parts) reader.push(part);
  return events;
}

describe("server-sent events", () => {
  test("have a name, data of several lines and an id that stays", () => {
    expect(read("id: 7\nevent: change\ndata: a\ndata:b\n\ndata: c\n\n")).toEqual([
      { event: "change", data: "a\nb", id: "7", retryMs: undefined },
      { event: "message", data: "c", id: "7", retryMs: undefined },
    ]);
  });

  test("are the same however the text is cut", () => {
    const text = "\ufeffid: 1\r\nevent: change\r\ndata: ü\r\n\r\n: heartbeat\r\rid: 2\ndata: x\n\n";
    const whole = read(text);
    expect(whole).toHaveLength(2);
    for (let cut = 1; cut < text.length; cut += 1) {
      expect(read(text.slice(0, cut), text.slice(cut))).toEqual(whole);
    }
    expect(read(...text)).toEqual(whole);
  });

  test("are not there before their empty line, and comments are none", () => {
    expect(read("data: a\n", ": heartbeat\n\n: heartbeat\n\n")).toEqual([{ event: "message", data: "a", id: "", retryMs: undefined }]);
    expect(read("data: half")).toEqual([]);
  });

  test("may have no data, and ignore what is unknown", () => {
    expect(read("event: drain\nretry: 5\nfoo: bar\nid: a\0b\n\n")).toEqual([{ event: "drain", data: "", id: "", retryMs: 5 }]);
  });
});
