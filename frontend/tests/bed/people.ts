// Who uses the page in a test, and what is there for them.
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { inject } from "vitest";
import { Front } from "./front";

/** How long anything may take on a machine that is busy with other things. */
export const PATIENCE_MS = 45_000;

/** A front of its own and a browser for one file of tests. */
export class Bed {
  readonly front = new Front(inject("port"));
  private browser: Browser | undefined;
  private readonly contexts: BrowserContext[] = [];
  /** What pages complained about: errors, and breaches of the Content-Security-Policy. */
  readonly complaints: string[] = [];

  async open(): Promise<this> {
    await this.front.up();
    this.browser = await chromium.connect(inject("browser"));
    return this;
  }

  /** Somebody with a browser of their own. */
  async person(options: BrowserContextOptions = {}): Promise<Page> {
    if (!this.browser) throw new Error("the bed is not open");
    const context = await this.browser.newContext({ baseURL: this.front.url, locale: "en-GB", timezoneId: "UTC", ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    this.contexts.push(context);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (/Content.Security.Policy/i.test(message.text())) this.complaints.push(message.text());
    });
    return page;
  }

  /** Everybody leaves. */
  async leave(): Promise<void> {
    await Promise.all(this.contexts.splice(0).map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.leave();
    await this.browser?.close();
    await this.front.down();
  }

  async post<T = { id: string }>(path: string, body: unknown): Promise<T> {
    return this.ask("POST", path, body) as Promise<T>;
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await fetch(`${this.front.url}/api${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  service(name: string, description = ""): Promise<{ id: string }> {
    return this.post("/services", { name, description });
  }

  user(name: string): Promise<{ id: string }> {
    users += 1;
    return this.post("/users", { name, email: `somebody-${process.pid}-${Date.now()}-${users}@example.org` });
  }

  rating(user: { id: string }, service: { id: string }, score: number, comment?: string): Promise<{ id: string }> {
    return this.post("/ratings", { userId: user.id, serviceId: service.id, score, ...(comment && { comment }) });
  }
}

let users = 0;
