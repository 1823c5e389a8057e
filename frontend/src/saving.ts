// Sending a form: what it shows meanwhile, and what became of it.
import { useState } from "preact/hooks";

export interface Saving {
  busy: boolean;
  failure: unknown;
  /** Seconds until the next attempt, while the server asks to wait. */
  waiting: number | undefined;
  /** Runs `work`; resolves to whether it succeeded. */
  run(work: (onWait: (seconds: number) => void) => Promise<void>): Promise<boolean>;
  /** Takes a failure off the screen, or puts one there. */
  show(failure: unknown): void;
}

export function useSaving(): Saving {
  const [state, setState] = useState<{ busy: boolean; failure: unknown; waiting: number | undefined }>({
    busy: false,
    failure: undefined,
    waiting: undefined,
  });
  return {
    ...state,
    async run(work) {
      setState({ busy: true, failure: undefined, waiting: undefined });
      try {
        await work((waiting) => setState({ busy: true, failure: undefined, waiting }));
      } catch (failure) {
        setState({ busy: false, failure, waiting: undefined });
        return false;
      }
      setState({ busy: false, failure: undefined, waiting: undefined });
      return true;
    },
    show(failure) {
      setState({ busy: false, failure, waiting: undefined });
    },
  };
}
