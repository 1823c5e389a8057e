// A user is added, or changed.
import { useState } from "preact/hooks";
import { announce } from "../announce";
import { fieldError } from "../api/problem";
import * as api from "../api/resources";
import type { User } from "../api/resources";
import { users } from "../data/catalogue";
import { done, keyFor, kept, useDraft } from "../draft";
import { useEditing } from "../editing";
import { Addition } from "../parts/addition";
import { EditForm } from "../parts/edit-form";
import { Field } from "../parts/field";
import { FailureNotice, Waiting } from "../parts/notice";
import { useSaving } from "../saving";

export interface UserFields {
  name: string;
  email: string;
}

type Missing = "name" | "email" | undefined;

const EMPTY: UserFields = { name: "", email: "" };
const NEW = "new:user";

export function userFields({ name, email }: User): UserFields {
  return { name, email };
}

function missingOf({ name, email }: UserFields): Missing {
  if (name.trim() === "") return "name";
  return email.trim() === "" ? "email" : undefined;
}

interface InputsProps {
  prefix: string;
  value: UserFields;
  failure: unknown;
  missing: Missing;
  onInput: (value: UserFields) => void;
}

function Inputs({ prefix, value, failure, missing, onInput }: InputsProps) {
  return (
    <div class="pair">
      <Field
        id={`${prefix}-name`}
        label="Name"
        required
        maxLength={200}
        value={value.name}
        error={missing === "name" ? "Give a name." : fieldError(failure, "name")}
        onInput={(name) => onInput({ ...value, name })}
      />
      <Field
        id={`${prefix}-email`}
        label="Email address"
        type="email"
        required
        maxLength={254}
        value={value.email}
        error={missing === "email" ? "Give an email address." : fieldError(failure, "email")}
        onInput={(email) => onInput({ ...value, email })}
      />
    </div>
  );
}

/** The form under the list; `open` when there is nobody yet. */
export function NewUser({ open }: { open: boolean }) {
  const draft = useDraft<UserFields>(NEW, EMPTY);
  const saving = useSaving();
  const [missing, setMissing] = useState<Missing>();
  const [begun] = useState(() => kept(NEW) !== undefined);
  const submit = async (event: Event) => {
    event.preventDefault();
    const lack = missingOf(draft.value);
    setMissing(lack);
    if (lack !== undefined) return document.getElementById(`user-${lack}`)?.focus();
    await saving.run(async (onWait) => {
      const { body } = await api.create("users", draft.value, { key: keyFor(NEW, draft.value), onWait });
      done(NEW);
      draft.clear();
      users.upsert(body);
      announce("The user is added.");
    });
  };
  return (
    <Addition words="Add a user" open={open || begun}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        {saving.failure !== undefined && <FailureNotice failure={saving.failure} />}
        <Inputs prefix="user" value={draft.value} failure={saving.failure} missing={missing} onInput={draft.set} />
        <Waiting seconds={saving.waiting} />
        <div class="buttons">
          <button class="primary" disabled={saving.busy}>
            Add
          </button>
        </div>
      </form>
    </Addition>
  );
}

/** The form in place of a user's row. */
export function EditUser({ user, onClose }: { user: User; onClose: () => void }) {
  const [missing, setMissing] = useState<Missing>();
  const editing = useEditing({
    collection: "users",
    id: user.id,
    initial: userFields(user),
    fieldsOf: userFields,
    onSaved: (saved) => {
      users.upsert(saved);
      announce("The user is saved.");
    },
    onClose,
  });
  const { mine, saving } = editing;
  const submit = () => {
    const lack = missingOf(mine);
    setMissing(lack);
    if (lack === undefined) void editing.save();
  };
  const compare = (theirs: User) => [
    { label: "Name", mine: mine.name, theirs: theirs.name },
    { label: "Email address", mine: mine.email, theirs: theirs.email },
  ];
  return (
    <EditForm label="Edit the user" what="user" editing={editing} compare={compare} onSubmit={submit}>
      <Inputs prefix={`edit-${user.id}`} value={mine} failure={saving.failure} missing={missing} onInput={editing.set} />
    </EditForm>
  );
}
