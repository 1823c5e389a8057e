import { defineConfig } from "vitest/config";

// One browser and one running system for all files, which run one after the other: a machine in CI has two processors.
export default defineConfig({
  test: {
    include: ["tests/browser/**/*.test.ts"],
    globalSetup: ["tests/bed/setup.ts"],
    environment: "node",
    fileParallelism: false,
    pool: "forks",
    poolOptions: { forks: { singleFork: true } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
