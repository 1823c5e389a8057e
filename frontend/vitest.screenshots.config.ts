import browser from "./vitest.browser.config";

// The same system and browser; instead of tests it takes pictures.
export default { ...browser, test: { ...browser.test, include: ["tests/screenshots/**/*.ts"] } };
