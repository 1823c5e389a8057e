// What a person types, kept in the tab until it is saved: no error and no reload loses it.
import { useState } from "preact/hooks";
import { newKey } from "./api/request";

const PREFIX = "draft:";

function read<T>(name: string): T | undefined {
  try {
    const text = sessionStorage.getItem(PREFIX + name);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

function write(name: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing: then a reload starts afresh, as everywhere in it.
  }
}

export interface Draft<T> {
  value: T;
  set(next: T): void;
  /** Forgets it, and shows `initial` again. */
  clear(): void;
}

/** State that survives a reload under its name. */
export function useDraft<T>(name: string, initial: T): Draft<T> {
  const [state, setState] = useState(() => ({ name, value: read<T>(name) ?? initial }));
  const current = state.name === name ? state.value : (read<T>(name) ?? initial);
  return {
    value: current,
    set(next) {
      write(name, next);
      setState({ name, value: next });
    },
    clear() {
      write(name, undefined);
      setState({ name, value: initial });
    },
  };
}

/** Puts something into a draft before its form is shown. */
export function keep<T>(name: string, value: T | undefined): void {
  write(name, value);
}

/** What is in a draft, if anything. */
export function kept<T>(name: string): T | undefined {
  return read<T>(name);
}

/** The key under which a form's content is sent: the same for the same content, over errors and reloads, until it is done. */
export function keyFor(name: string, content: unknown): string {
  const fingerprint = JSON.stringify(content);
  const known = read<{ fingerprint: string; key: string }>(`key:${name}`);
  if (known?.fingerprint === fingerprint) return known.key;
  const key = newKey();
  write(`key:${name}`, { fingerprint, key });
  return key;
}

/** The content has arrived: the next one gets a key of its own. */
export function done(name: string): void {
  write(`key:${name}`, undefined);
}
