// `ratectl dev`, on free ports and with data of its own.
import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { createInterface } from "node:readline";

const REPOSITORY = resolve(new URL(".", import.meta.url).pathname, "../../..");
const BUILT = join(process.env["CARGO_TARGET_DIR"] ?? join(REPOSITORY, "target"), "debug/ratectl");

/** The program under test. */
export function program(): string {
  const file = process.env["RATECTL"] ?? BUILT;
  if (!existsSync(file)) throw new Error(`${file} is not there: build it with 'cargo build -p cli -p rating-service'`);
  return resolve(file);
}

/** This repository's project file and what it names for `ratectl dev`, in a folder of their own. */
function project(): string {
  const folder = mkdtempSync(join(tmpdir(), "frontend-"));
  for (const file of ["ratectl.yaml", "manifests/streams", "manifests/proxy"]) {
    cpSync(join(REPOSITORY, file), join(folder, file), { recursive: true });
  }
  mkdirSync(join(folder, "frontend"));
  symlinkSync(join(REPOSITORY, "frontend/dist"), join(folder, "frontend/dist"));
  return folder;
}

export class System {
  private child: ChildProcess | undefined;
  private readonly folder = project();
  private said: string[] = [];
  port = 0;

  /** Starts it, on the same port as before; resolves when everything is ready. */
  async start(): Promise<void> {
    const args = ["dev", "--port", String(this.port), "-o", "json", "--project", join(this.folder, "ratectl.yaml")];
    const path = [join(REPOSITORY, ".tools/bin"), process.env["PATH"]].join(delimiter);
    const child = spawn(program(), args, { cwd: this.folder, env: { ...process.env, PATH: path }, stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    this.said = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => this.said.push(line));
    }
    await new Promise<void>((ready, failed) => {
      const late = setTimeout(() => failed(this.trouble("is not ready after 90 s")), 90_000);
      createInterface({ input: child.stdout }).on("line", (line) => {
        const { type, port } = JSON.parse(line) as { type?: string; port?: number };
        if (type !== "ready" || port === undefined) return;
        this.port = port;
        clearTimeout(late);
        ready();
      });
      child.once("exit", (code) => failed(this.trouble(`ended with ${code}`)));
    });
    child.removeAllListeners("exit");
  }

  private trouble(what: string): Error {
    return new Error(`ratectl dev ${what}:\n${this.said.slice(-30).join("\n")}`);
  }

  /** Ends it as a power cut would; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    await this.end("SIGTERM");
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }
}
