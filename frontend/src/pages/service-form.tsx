// A service is added, or changed.
import { useState } from "preact/hooks";
import { announce } from "../announce";
import { fieldError } from "../api/problem";
import * as api from "../api/resources";
import type { Service } from "../api/resources";
import { services } from "../data/catalogue";
import { done, keyFor, kept, useDraft } from "../draft";
import { useEditing } from "../editing";
import { Addition } from "../parts/addition";
import { EditForm } from "../parts/edit-form";
import { Field } from "../parts/field";
import { FailureNotice, Waiting } from "../parts/notice";
import { hrefOf, navigate } from "../router";
import { useSaving } from "../saving";

export interface ServiceFields {
  name: string;
  description: string;
}

const EMPTY: ServiceFields = { name: "", description: "" };
const NEW = "new:service";

export function serviceFields({ name, description }: Service): ServiceFields {
  return { name, description };
}

interface InputsProps {
  prefix: string;
  value: ServiceFields;
  failure: unknown;
  nameMissing: boolean;
  onInput: (value: ServiceFields) => void;
}

function Inputs({ prefix, value, failure, nameMissing, onInput }: InputsProps) {
  const nameError = nameMissing ? "Give it a name." : fieldError(failure, "name");
  return (
    <>
      <Field
        id={`${prefix}-name`}
        label="Name"
        required
        maxLength={200}
        value={value.name}
        error={nameError}
        onInput={(name) => onInput({ ...value, name })}
      />
      <Field
        id={`${prefix}-description`}
        label="Description"
        maxLength={1000}
        lines={3}
        value={value.description}
        error={fieldError(failure, "description")}
        onInput={(description) => onInput({ ...value, description })}
      />
    </>
  );
}

/** The form under the list; `open` when there is nothing else to do. */
export function NewService({ open }: { open: boolean }) {
  const draft = useDraft<ServiceFields>(NEW, EMPTY);
  const saving = useSaving();
  const [missing, setMissing] = useState(false);
  const [begun] = useState(() => kept(NEW) !== undefined);
  const submit = async (event: Event) => {
    event.preventDefault();
    const isMissing = draft.value.name.trim() === "";
    setMissing(isMissing);
    if (isMissing) return document.getElementById("service-name")?.focus();
    await saving.run(async (onWait) => {
      const { body } = await api.create("services", draft.value, { key: keyFor(NEW, draft.value), onWait });
      done(NEW);
      draft.clear();
      services.upsert(body);
      announce("The service is added.");
      navigate(hrefOf({ page: "service", id: body.id }));
    });
  };
  return (
    <Addition words="Add a service" open={open || begun}>
      <form noValidate onSubmit={(event) => void submit(event)}>
        {saving.failure !== undefined && <FailureNotice failure={saving.failure} />}
        <Inputs prefix="service" value={draft.value} failure={saving.failure} nameMissing={missing} onInput={draft.set} />
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

/** The form in place of a service's name and description. */
export function EditService({ service, onClose }: { service: Service; onClose: () => void }) {
  const [missing, setMissing] = useState(false);
  const editing = useEditing({
    collection: "services",
    id: service.id,
    initial: serviceFields(service),
    fieldsOf: serviceFields,
    onSaved: (saved) => {
      services.upsert(saved);
      announce("The service is saved.");
    },
    onClose,
  });
  const { mine, saving } = editing;
  const submit = () => {
    setMissing(mine.name.trim() === "");
    if (mine.name.trim() !== "") void editing.save();
  };
  const compare = (theirs: Service) => [
    { label: "Name", mine: mine.name, theirs: theirs.name },
    { label: "Description", mine: mine.description, theirs: theirs.description },
  ];
  return (
    <EditForm label="Edit the service" what="service" editing={editing} compare={compare} onSubmit={submit}>
      <Inputs prefix="edit-service" value={mine} failure={saving.failure} nameMissing={missing} onInput={editing.set} />
    </EditForm>
  );
}
