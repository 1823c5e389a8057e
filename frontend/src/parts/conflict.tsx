// Two versions of the same thing, and a person who chooses.
import { useEffect, useRef } from "preact/hooks";
import { Name } from "./name";

/** A field's label, and its text in both versions. */
export interface ConflictField {
  label: string;
  mine: string;
  theirs: string;
}

interface ConflictProps {
  /** What has changed, such as `rating`. */
  what: string;
  /** A line for each. */
  fields: ConflictField[];
  busy: boolean;
  onOverwrite: () => void;
  onTakeTheirs: () => void;
  onGoOn: () => void;
}

export function Conflict({ what, fields, busy, onOverwrite, onTakeTheirs, onGoOn }: ConflictProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section class="notice conflict" aria-labelledby="conflict-title">
      <h3 id="conflict-title" ref={heading} tabIndex={-1}>
        Somebody else has changed this {what} meanwhile
      </h3>
      <p>Nothing has been saved over theirs. Which one should stay?</p>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">Yours</th>
            <th scope="col">Saved now</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ label, mine, theirs }) => (
            <tr key={label} class={mine === theirs ? "" : "differs"}>
              <th scope="row">{label}</th>
              <td>
                <Name text={mine === "" ? "–" : mine} />
              </td>
              <td>
                <Name text={theirs === "" ? "–" : theirs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="buttons">
        <button type="button" class="primary" disabled={busy} onClick={onOverwrite}>
          Save mine
        </button>
        <button type="button" disabled={busy} onClick={onTakeTheirs}>
          Keep theirs
        </button>
        <button type="button" disabled={busy} onClick={onGoOn}>
          Go on editing mine
        </button>
      </div>
    </section>
  );
}
