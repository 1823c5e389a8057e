import { describe, expect, test } from "vitest";
import { Failure, asProblem, fieldError, sentence } from "../../src/api/problem";

const failure = (status: number, more: object = {}, waitSeconds?: number) =>
  new Failure("problem", {
    status,
    problem: { status, title: "A title", ...more },
    ...(waitSeconds !== undefined && { waitSeconds }),
  });

describe("a failure", () => {
  test.each([
    ["its detail", failure(409, { detail: "there are ratings of it" }), "There are ratings of it."],
    ["its title for want of a detail", failure(404), "A title."],
    ["what is wrong with the first field", failure(422, { errors: [{ field: "/score", detail: "must be 0 to 5" }] }), "Score must be 0 to 5."],
    ["when to come back", failure(503, {}, 30), "The server cannot take this just now. Try again in 30 seconds."],
    ["that there was too much", failure(429, {}, 1), "The server has too much to do for you just now. Try again in a second."],
    ["its status for want of words", new Failure("problem", { status: 418 }), "The server refused this with status 418."],
  ])("says %s", (_what, failed, words) => {
    expect(sentence(failed)).toBe(words);
  });

  test("whose outcome is unknown says that trying again is safe", () => {
    expect(sentence(failure(504, { outcome: "unknown" }))).toContain("it happens once");
  });

  test("without a server or a network says that nothing typed is lost", () => {
    for (const kind of ["offline", "unreachable"] as const) expect(sentence(new Failure(kind))).toContain("is kept");
  });

  test("that is a bug of the page says so too", () => {
    expect(sentence(new TypeError("x is undefined"))).not.toContain("undefined");
  });

  test("knows what is wrong with a field", () => {
    const failed = failure(422, { errors: [{ field: "/name", detail: "must not be empty" }] });
    expect(fieldError(failed, "name")).toBe("Must not be empty.");
    expect(fieldError(failed, "email")).toBeUndefined();
    expect(fieldError(undefined, "name")).toBeUndefined();
  });
});

test("only a document with status and title is a problem", () => {
  expect(asProblem({ status: 404, title: "x" })).toBeDefined();
  for (const other of [null, "x", [], { status: "404", title: "x" }, { title: "x" }]) expect(asProblem(other)).toBeUndefined();
});
