// Who rates: somebody known, or somebody new.
import { fieldError } from "../api/problem";
import type { User } from "../api/resources";
import type { Contents } from "../data/collection";
import { Field } from "../parts/field";
import { plain } from "../text";

export interface Person {
  /** A user's id, `new`, or nothing. */
  userId: string;
  name: string;
  email: string;
}

interface Props {
  person: Person;
  people: Contents<User>;
  isNew: boolean;
  missing: string | undefined;
  failure: unknown;
  onChange: (person: Person) => void;
}

const NAMES = new Intl.Collator("en", { sensitivity: "base", numeric: true });

export function PersonInput({ person, people, isNew, missing, failure, onChange }: Props) {
  const known = [...people.items.values()].sort((one, other) => NAMES.compare(one.name, other.name));
  const error = missing === "person" ? "Say who you are." : isNew ? undefined : fieldError(failure, "userId");
  return (
    <>
      {(known.length > 0 || people.phase === "loading") && (
        <div class="field">
          <label for="person">Who are you?</label>
          <select
            id="person"
            value={isNew ? "new" : people.items.has(person.userId) ? person.userId : ""}
            aria-invalid={error !== undefined}
            aria-describedby={error ? "person-error" : undefined}
            onChange={(event) => onChange({ ...person, userId: event.currentTarget.value })}
          >
            <option value="">{people.phase === "loading" && known.length === 0 ? "Loading…" : "Choose…"}</option>
            <option value="new">Somebody new…</option>
            {known.map((user) => (
              <option key={user.id} value={user.id}>
                {plain(user.name)}
              </option>
            ))}
          </select>
          {error && (
            <p class="error" id="person-error">
              {error}
            </p>
          )}
        </div>
      )}
      {isNew && (
        <div class="pair">
          <Field
            id="person-name"
            label="Your name"
            required
            maxLength={200}
            autocomplete="name"
            value={person.name}
            error={missing === "name" ? "Give a name." : fieldError(failure, "name")}
            onInput={(name) => onChange({ ...person, name })}
          />
          <Field
            id="person-email"
            label="Your email address"
            type="email"
            required
            maxLength={254}
            autocomplete="email"
            value={person.email}
            error={missing === "email" ? "Give an email address." : fieldError(failure, "email")}
            onInput={(email) => onChange({ ...person, email })}
          />
        </div>
      )}
    </>
  );
}
