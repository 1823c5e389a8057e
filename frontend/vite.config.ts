import { defineConfig } from "vitest/config";

// The page lies under /ui, here and in a cluster; every name but index.html carries a hash of its content.
export default defineConfig({
  base: "/ui/",
  logLevel: "warn",
  publicDir: "static",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    assetsDir: "assets",
    // Never a data: URL in place of a file, and no polyfill: both need a looser Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: {
    include: ["tests/unit/**/*.test.{ts,tsx}"],
    environment: "node",
  },
});
