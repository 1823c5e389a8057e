// Words and numbers for people.

/** Controls, and the characters that turn the direction of what follows them. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Text for places that cannot isolate it, such as titles and labels: what cannot be seen is taken out. */
export function plain(text: string): string {
  return text.replace(UNSEEN, "");
}

/** Text of unknown origin with everything in it visible: a control character as its code. Line breaks and tabs stay. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (unseen) => {
    if (unseen === "\n" || unseen === "\t") return unseen;
    const code = unseen.codePointAt(0) ?? 0;
    return `⟨${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** `1 rating`, `2 ratings`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** `4.3`; a mean never looks better than it is by more than its last digit. */
export function mean(value: number): string {
  return value.toFixed(1);
}

/** A time in its usual unit: `3.1 ms`, `46 s`, `12 min`. */
export function span(ms: number): string {
  const units: [number, string][] = [
    [1, "ms"],
    [1_000, "s"],
    [60_000, "min"],
    [3_600_000, "h"],
  ];
  const [size, unit] = units.findLast(([size]) => ms >= size * 2) ?? [1, "ms"];
  const value = ms / size;
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value).toLocaleString("en") : value.toFixed(1)} ${unit}`;
}

const SCORES = ["unusable", "poor", "weak", "fair", "good", "excellent"] as const;

/** What a score from 0 to 5 means. */
export function scoreWord(score: number): string {
  return SCORES[Math.max(0, Math.min(5, Math.round(score)))] ?? "";
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** `3 Nov 2026` for a time stamp of the API; nothing for one that is none. */
export function day(timestamp: string): string {
  const time = new Date(timestamp);
  return Number.isNaN(time.getTime()) ? "" : DAY.format(time);
}

/** Day and time to the second. */
export function moment(timestamp: string): string {
  const time = new Date(timestamp);
  return Number.isNaN(time.getTime()) ? "" : MOMENT.format(time);
}

/** For search: case and accents do not matter. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase("en");
}
