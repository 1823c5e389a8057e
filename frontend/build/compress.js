// Leaves a smaller form beside each file that has one: servers send it to browsers that take it.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = process.argv[2] ?? "dist";
const WORTH = /\.(html|js|css|svg|json)$/;

for (const name of readdirSync(folder, { recursive: true })) {
  const file = join(folder, String(name));
  if (!WORTH.test(file)) continue;
  const plain = readFileSync(file);
  const forms = {
    ".br": brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
    ".gz": gzipSync(plain, { level: 9 }),
  };
  for (const [suffix, bytes] of Object.entries(forms)) {
    if (bytes.length < plain.length) writeFileSync(file + suffix, bytes);
  }
}
