// Asks before something is removed, and removes the version that was shown.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failure } from "../api/problem";
import * as api from "../api/resources";
import type { Collection, Kinds } from "../api/resources";
import { done, keyFor } from "../draft";
import { useSaving } from "../saving";
import { Dialog } from "./dialog";
import { FailureNotice, Waiting } from "./notice";

interface RemovalProps<C extends Collection> {
  collection: C;
  id: string;
  title: string;
  /** The word on the button, such as `Withdraw`. */
  verb: string;
  /** Shows what is about to go. */
  describe: (item: Kinds[C]) => ComponentChildren;
  onRemoved: () => void;
  onClose: () => void;
}

export function Removal<C extends Collection>(props: RemovalProps<C>) {
  const { collection, id, title, verb, describe, onRemoved, onClose } = props;
  const name = `remove:${collection}:${id}`;
  const saving = useSaving();
  const [shown, setShown] = useState<{ item: Kinds[C]; etag: string }>();
  const [changed, setChanged] = useState(false);

  const read = async () => {
    try {
      const { body, etag } = await api.get(collection, id);
      setShown({ item: body, etag: etag ?? "*" });
    } catch (failure) {
      if (isGone(failure)) onRemoved();
      else throw failure;
    }
  };
  useEffect(() => void saving.run(read), []);

  const remove = () =>
    saving.run(async (onWait) => {
      if (!shown) return;
      try {
        await api.remove(collection, id, { key: keyFor(name, shown.etag), ifMatch: shown.etag, onWait });
      } catch (failure) {
        if (failure instanceof Failure && failure.status === 412) {
          done(name);
          setChanged(true);
          return read();
        }
        if (!isGone(failure)) throw failure;
      }
      done(name);
      onRemoved();
    });

  return (
    <Dialog title={title} onClose={onClose}>
      {changed && (
        <p class="notice" role="alert">
          It has changed meanwhile. This is how it is now.
        </p>
      )}
      {shown && describe(shown.item)}
      {saving.failure !== undefined && <FailureNotice failure={saving.failure} />}
      <Waiting seconds={saving.waiting} />
      <div class="buttons">
        <button type="button" class="primary" disabled={saving.busy || !shown} onClick={() => void remove()}>
          {verb}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

function isGone(failure: unknown): boolean {
  return failure instanceof Failure && failure.status === 404;
}
