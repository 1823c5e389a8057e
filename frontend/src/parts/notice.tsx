// What went wrong or happened, where it happened.
import type { ComponentChildren } from "preact";
import { Failure, sentence } from "../api/problem";

/** A failure in a sentence, with the request's id to quote. */
export function FailureNotice({ failure, children }: { failure: unknown; children?: ComponentChildren }) {
  const id = failure instanceof Failure ? failure.requestId : undefined;
  return (
    <div class="notice bad" role="alert">
      <p>{sentence(failure)}</p>
      {id && (
        <p class="quiet">
          If you ask for help, quote request <code>{id}</code>.
        </p>
      )}
      {children}
    </div>
  );
}

/** That a request waits before it is sent again, because the server asks for it. */
export function Waiting({ seconds }: { seconds: number | undefined }) {
  return (
    <p class="waiting" role="status">
      {seconds !== undefined && `The server asks for patience; trying again in ${Math.max(1, Math.round(seconds))} s…`}
    </p>
  );
}
