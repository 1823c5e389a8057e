// Who rates in this browser. There are no accounts: a person says who they are.
const NAME = "me";

/** The id of who rated here last; empty if nobody has. */
export function recallMe(): string {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

export function rememberMe(userId: string): void {
  try {
    localStorage.setItem(NAME, userId);
  } catch {
    // Then they choose again next time.
  }
}
