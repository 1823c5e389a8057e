// Before all tests: the system and a browser. After them: neither.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { System } from "./system";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the gateway of `ratectl dev` listens. */
    port: number;
    /** Where the browser takes commands. */
    browser: string;
  }
}

/** Debian's browser, or the one that CHROMIUM names. */
export function chromiumProgram(): string {
  const named = process.env["CHROMIUM"];
  if (named) return named;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const found = names.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found) return found;
  }
  throw new Error("there is no Chromium in PATH; install it, or name it with CHROMIUM=FILE");
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const system = new System();
  const browser = await chromium.launchServer({ executablePath: chromiumProgram(), args: ["--force-color-profile=srgb"] });
  try {
    await system.start();
  } catch (error) {
    await Promise.all([browser.close(), system.stop()]);
    throw error;
  }
  project.provide("port", system.port);
  project.provide("browser", browser.wsEndpoint());
  return async () => {
    await Promise.all([browser.close(), system.stop()]);
  };
}
