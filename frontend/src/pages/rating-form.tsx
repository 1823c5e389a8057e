// Somebody rates a service.
import { useState } from "preact/hooks";
import { announce } from "../announce";
import { Failure, fieldError } from "../api/problem";
import * as api from "../api/resources";
import type { Rating, Service } from "../api/resources";
import { refreshSummary, users } from "../data/catalogue";
import type { Collection } from "../data/collection";
import { done, keyFor, useDraft } from "../draft";
import { Field } from "../parts/field";
import { FailureNotice, Waiting } from "../parts/notice";
import { ScoreInput } from "../parts/stars";
import { recallMe, rememberMe } from "../person";
import { useSaving } from "../saving";
import { useStore } from "../store";
import { PersonInput, type Person } from "./person-input";

interface Fields {
  person: Person;
  score: number | null;
  comment: string;
}

type Missing = "score" | "person" | "name" | "email";

interface Props {
  service: Service;
  ratings: Collection<Rating>;
  /** Opens the form of a rating that exists. */
  onEdit: (rating: Rating) => void;
}

export function RatingForm({ service, ratings, onEdit }: Props) {
  const name = `new:rating:${service.id}`;
  const people = useStore(users.store);
  const given = useStore(ratings.store).items;
  const draft = useDraft<Fields>(name, { person: { userId: recallMe(), name: "", email: "" }, score: null, comment: "" });
  const saving = useSaving();
  const [missing, setMissing] = useState<Missing>();
  const { person, score, comment } = draft.value;
  // Nobody to choose from: then whoever it is, is new.
  const isNew = person.userId === "new" || (people.phase === "ready" && people.items.size === 0);
  const userId = !isNew && people.items.has(person.userId) ? person.userId : "";
  const earlier = [...given.values()].find((rating) => userId !== "" && rating.userId === userId);

  const submit = async (event: Event) => {
    event.preventDefault();
    const lack = whatIsMissing(draft.value, isNew, userId);
    setMissing(lack);
    if (lack !== undefined) return focusOn(lack);
    await saving.run(async (onWait) => {
      const author = isNew ? await addPerson(draft, name, onWait) : userId;
      const text = comment.trim();
      const body = { userId: author, serviceId: service.id, score, ...(text !== "" && { comment: text }) };
      const answer = await api.create("ratings", body, { key: keyFor(name, body), onWait });
      done(name);
      rememberMe(author);
      draft.clear();
      draft.set({ person: { userId: author, name: "", email: "" }, score: null, comment: "" });
      ratings.upsert(answer.body);
      refreshSummary(service.id);
      announce("Thank you. The rating is added.");
    });
  };

  return (
    <form class="card" noValidate aria-labelledby="rate-title" onSubmit={(event) => void submit(event)}>
      <h2 id="rate-title">Rate it</h2>
      {saving.failure !== undefined && (
        <FailureNotice failure={saving.failure}>
          {isDuplicate(saving.failure) && <Existing serviceId={service.id} userId={userId} onEdit={onEdit} />}
        </FailureNotice>
      )}
      <ScoreInput
        name="score"
        legend="How good is it?"
        value={score ?? undefined}
        error={missing === "score" ? "Choose a score." : fieldError(saving.failure, "score")}
        onChange={(score) => draft.set({ ...draft.value, score })}
      />
      <Field
        id="comment"
        label="Comment"
        lines={3}
        maxLength={1000}
        value={comment}
        error={fieldError(saving.failure, "comment")}
        onInput={(comment) => draft.set({ ...draft.value, comment })}
      />
      <PersonInput
        person={person}
        people={people}
        isNew={isNew}
        missing={missing}
        failure={saving.failure}
        onChange={(person) => draft.set({ ...draft.value, person })}
      />
      {earlier && (
        <p class="notice">
          This person has rated this service already.{" "}
          <button type="button" class="plain" onClick={() => onEdit(earlier)}>
            Change that rating
          </button>
        </p>
      )}
      <Waiting seconds={saving.waiting} />
      <div class="buttons">
        <button class="primary" disabled={saving.busy || earlier !== undefined}>
          {saving.busy ? "Sending…" : "Rate"}
        </button>
      </div>
    </form>
  );
}

function whatIsMissing({ person, score }: Fields, isNew: boolean, userId: string): Missing | undefined {
  if (score === null) return "score";
  if (!isNew) return userId === "" ? "person" : undefined;
  if (person.name.trim() === "") return "name";
  return person.email.trim() === "" ? "email" : undefined;
}

function focusOn(missing: Missing): void {
  const selector = { score: 'input[name="score"]', person: "#person", name: "#person-name", email: "#person-email" };
  document.querySelector<HTMLElement>(selector[missing])?.focus();
}

/** Adds who rates, and notes it in the draft: should the rating fail, the person is not added again. */
async function addPerson(
  draft: { value: Fields; set(next: Fields): void },
  name: string,
  onWait: (seconds: number) => void,
): Promise<string> {
  const body = { name: draft.value.person.name, email: draft.value.person.email };
  const { body: user } = await api.create("users", body, { key: keyFor(`${name}:person`, body), onWait });
  done(`${name}:person`);
  users.upsert(user);
  draft.set({ ...draft.value, person: { userId: user.id, name: "", email: "" } });
  return user.id;
}

function isDuplicate(failure: unknown): boolean {
  return failure instanceof Failure && failure.status === 409 && fieldError(failure, "userId") !== undefined;
}

/** A way to the rating that stands in the way. */
function Existing({ serviceId, userId, onEdit }: { serviceId: string; userId: string; onEdit: (rating: Rating) => void }) {
  const open = () =>
    api.list("ratings", { serviceId, userId }, ([rating]) => {
      if (rating) onEdit(rating);
    });
  return (
    <button type="button" onClick={() => void open().catch(() => undefined)}>
      Change that rating
    </button>
  );
}
