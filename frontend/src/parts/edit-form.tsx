// The form in place of what it changes: the fields, what went wrong, and what others have stored meanwhile.
import type { ComponentChildren, Ref } from "preact";
import type { Editing } from "../editing";
import { Conflict, type ConflictField } from "./conflict";
import { FailureNotice, Waiting } from "./notice";

interface EditFormProps<T, B> {
  label: string;
  /** What is changed, such as `rating`. */
  what: string;
  editing: Editing<T, B>;
  /** A line for each field, beside what is stored now. */
  compare: (theirs: T) => ConflictField[];
  onSubmit: () => void;
  form?: Ref<HTMLFormElement>;
  children: ComponentChildren;
}

export function EditForm<T, B>({ label, what, editing, compare, onSubmit, form, children }: EditFormProps<T, B>) {
  const { saving, conflict } = editing;
  const submit = (event: Event) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form ref={form ?? null} class="card" noValidate aria-label={label} onSubmit={submit}>
      {saving.failure !== undefined && <FailureNotice failure={saving.failure} />}
      {conflict && (
        <Conflict
          what={what}
          fields={compare(conflict)}
          busy={saving.busy}
          onOverwrite={() => void editing.overwrite()}
          onTakeTheirs={editing.takeTheirs}
          onGoOn={editing.goOn}
        />
      )}
      {children}
      <Waiting seconds={saving.waiting} />
      {!conflict && (
        <div class="buttons">
          <button class="primary" disabled={saving.busy}>
            Save
          </button>
          <button type="button" onClick={editing.cancel}>
            Cancel
          </button>
        </div>
      )}
    </form>
  );
}
