// Adds up the results of test runs, as `cargo test` words them, so that one sum can be made of all.
import { readFileSync } from "node:fs";

const sum = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numFailedTestSuites: 0 };
for (const file of process.argv.slice(2)) {
  const results = JSON.parse(readFileSync(file, "utf8"));
  for (const key of Object.keys(sum)) sum[key] += results[key] ?? 0;
}
// A file that cannot be loaded has no tests that could fail.
const failed = Math.max(sum.numFailedTests, sum.numFailedTestSuites > 0 ? 1 : 0);
console.log(`test result: ${failed === 0 ? "ok" : "FAILED"}. ${sum.numPassedTests} passed; ${failed} failed; ${sum.numPendingTests} ignored (web UI)`);
