// Everybody who rates.
import { useEffect, useMemo, useState } from "preact/hooks";
import { announce } from "../announce";
import type { User } from "../api/resources";
import { loadUsers, users } from "../data/catalogue";
import { begin, isBegun } from "../editing";
import { Field } from "../parts/field";
import { Heading } from "../parts/heading";
import { Name } from "../parts/name";
import { FailureNotice } from "../parts/notice";
import { Removal } from "../parts/removal";
import { useSaving } from "../saving";
import { useStore } from "../store";
import { count, day, folded, plain } from "../text";
import { EditUser, NewUser, userFields } from "./user-form";

const PORTION = 50;
const NAMES = new Intl.Collator("en", { sensitivity: "base", numeric: true });

export function UsersPage() {
  const { phase, failure, items } = useStore(users.store);
  const [search, setSearch] = useState("");
  const [portions, setPortions] = useState(1);
  useEffect(() => void loadUsers(), []);
  const found = useMemo(() => {
    const words = folded(search).split(/\s+/).filter(Boolean);
    return [...items.values()]
      .filter(({ name, email }) => words.every((word) => folded(`${name} ${email}`).includes(word)))
      .sort((one, other) => NAMES.compare(one.name, other.name) || (one.id < other.id ? -1 : 1));
  }, [items, search]);
  const shown = found.slice(0, portions * PORTION);
  return (
    <>
      <Heading title="Users" />
      <p class="lead">Who rates. One person has at most one rating of each service.</p>
      {phase === "failed" && (
        <FailureNotice failure={failure}>
          <button type="button" onClick={() => void loadUsers()}>
            Try again
          </button>
        </FailureNotice>
      )}
      <form class="tools" role="search" onSubmit={(event) => event.preventDefault()}>
        <Field id="search" label="Search" type="search" value={search} onInput={setSearch} />
      </form>
      <p class="result quiet" role="status">
        {phase === "loading" && items.size === 0 ? "Loading…" : result(found.length, items.size, search)}
      </p>
      <ul class="users">
        {shown.map((user) => (
          <Row key={user.id} user={user} />
        ))}
      </ul>
      {found.length > shown.length && (
        <button type="button" onClick={() => setPortions(portions + 1)}>
          Show {Math.min(PORTION, found.length - shown.length)} more
        </button>
      )}
      {(phase !== "loading" || items.size > 0) && <NewUser open={phase === "ready" && items.size === 0} />}
    </>
  );
}

function result(found: number, all: number, search: string): string {
  if (all === 0) return "There are no users yet. Whoever rates a service becomes one.";
  if (search.trim() === "") return count(all, "user");
  return found === 0 ? "Nobody has these words in name or address." : `${found.toLocaleString("en")} of ${count(all, "user")}`;
}

function Row({ user }: { user: User }) {
  const [editing, setEditing] = useState(() => isBegun("users", user.id));
  const [removing, setRemoving] = useState(false);
  const opening = useSaving();
  const edit = async () => {
    if (await opening.run(() => begin("users", user.id, userFields))) setEditing(true);
  };
  const name = plain(user.name);
  return (
    <li>
      {opening.failure !== undefined && <FailureNotice failure={opening.failure} />}
      {editing ? (
        <EditUser user={user} onClose={() => setEditing(false)} />
      ) : (
        <div class="user-row">
          <div>
            <h2>
              <Name text={user.name} />
            </h2>
            <p class="quiet">
              <span class="email">{user.email}</span> · since {day(user.createdAt)}
            </p>
          </div>
          <div class="buttons small">
            <button type="button" disabled={opening.busy} onClick={() => void edit()}>
              Edit<span class="unseen"> {name}</span>
            </button>
            <button type="button" onClick={() => setRemoving(true)}>
              Remove<span class="unseen"> {name}</span>
            </button>
          </div>
        </div>
      )}
      {removing && (
        <Removal
          collection="users"
          id={user.id}
          title="Remove this user?"
          verb="Remove"
          describe={(item) => (
            <p>
              <Name text={item.name} /> will be gone. A user whose ratings are still there cannot be removed.
            </p>
          )}
          onRemoved={() => {
            users.remove(user.id);
            announce("The user is removed.");
          }}
          onClose={() => setRemoving(false)}
        />
      )}
    </li>
  );
}
