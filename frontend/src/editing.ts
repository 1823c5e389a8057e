// Changing something that others may change as well: made for one version, and refused if that has moved on.
import { useState } from "preact/hooks";
import { Failure } from "./api/problem";
import * as api from "./api/resources";
import type { Collection, Kinds } from "./api/resources";
import { done, keep, kept, keyFor, useDraft } from "./draft";
import { useSaving, type Saving } from "./saving";

/** What a form edits, and the version it was read from. */
interface Edit<B> {
  etag: string;
  mine: B;
}

/** The form's draft of one resource. */
export function editName(collection: Collection, id: string): string {
  return `edit:${collection}:${id}`;
}

/** Whether a change has been begun and not been saved; also after a reload. */
export function isBegun(collection: Collection, id: string): boolean {
  return kept(editName(collection, id)) !== undefined;
}

/** Reads the newest version and begins a change of it. @throws Failure */
export async function begin<C extends Collection, B>(collection: C, id: string, fieldsOf: (item: Kinds[C]) => B): Promise<void> {
  const { body, etag } = await api.get(collection, id);
  keep<Edit<B>>(editName(collection, id), { etag: etag ?? "*", mine: fieldsOf(body) });
}

export interface Editing<T, B> {
  mine: B;
  set(mine: B): void;
  saving: Saving;
  /** What is stored now, if it has moved on since the change began. */
  conflict: T | undefined;
  save(): Promise<void>;
  /** Saves over what others have stored. */
  overwrite(): Promise<void>;
  /** Forgets the change and shows what is stored. */
  takeTheirs(): void;
  /** Goes back to the form, knowing what is stored. */
  goOn(): void;
  cancel(): void;
}

interface Wishes<C extends Collection, B> {
  collection: C;
  id: string;
  initial: B;
  fieldsOf: (item: Kinds[C]) => B;
  onSaved: (item: Kinds[C]) => void;
  onClose: () => void;
}

export function useEditing<C extends Collection, B extends object>(wishes: Wishes<C, B>): Editing<Kinds[C], B> {
  const { collection, id, fieldsOf, onSaved, onClose } = wishes;
  const name = editName(collection, id);
  const draft = useDraft<Edit<B>>(name, { etag: "*", mine: wishes.initial });
  const saving = useSaving();
  const [theirs, setTheirs] = useState<{ item: Kinds[C]; etag: string }>();
  const { etag, mine } = draft.value;

  const close = () => {
    done(name);
    draft.clear();
    onClose();
  };
  const saveFor = (version: string) =>
    saving.run(async (onWait) => {
      try {
        const key = keyFor(name, { version, mine });
        const answer = await api.replace(collection, id, mine, { key, ifMatch: version, onWait });
        onSaved(answer.body);
        close();
      } catch (failure) {
        if (!(failure instanceof Failure) || failure.status !== 412) throw failure;
        done(name);
        const current = await api.get(collection, id);
        if (JSON.stringify(fieldsOf(current.body)) === JSON.stringify(mine)) {
          onSaved(current.body);
          close();
        } else setTheirs({ item: current.body, etag: current.etag ?? "*" });
      }
    });

  return {
    mine,
    set: (next) => draft.set({ etag, mine: next }),
    saving,
    conflict: theirs?.item,
    async save() {
      await saveFor(etag);
    },
    async overwrite() {
      if (!theirs) return;
      draft.set({ etag: theirs.etag, mine });
      setTheirs(undefined);
      await saveFor(theirs.etag);
    },
    takeTheirs() {
      if (theirs) onSaved(theirs.item);
      close();
    },
    goOn() {
      if (theirs) draft.set({ etag: theirs.etag, mine });
      setTheirs(undefined);
    },
    cancel: close,
  };
}
