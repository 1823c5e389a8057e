// One rating: read, changed, withdrawn.
import { useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../announce";
import { fieldError } from "../api/problem";
import type { Rating } from "../api/resources";
import { begin, isBegun, useEditing } from "../editing";
import { EditForm } from "../parts/edit-form";
import { Field } from "../parts/field";
import { Name } from "../parts/name";
import { FailureNotice } from "../parts/notice";
import { Removal } from "../parts/removal";
import { ScoreInput, Stars } from "../parts/stars";
import { useSaving } from "../saving";
import { day, moment, plain, scoreWord } from "../text";

interface Fields {
  score: number;
  comment: string;
}

function fieldsOf({ score, comment }: Rating): Fields {
  return { score, comment: comment ?? "" };
}

interface Props {
  rating: Rating;
  /** Who rates; `undefined` while that is not known. */
  author: string | undefined;
  /** Somebody has asked, from elsewhere in the page, to change it. */
  asked: boolean;
  onSettled: () => void;
  onSaved: (rating: Rating) => void;
  onRemoved: () => void;
}

export function RatingRow({ rating, author, asked, onSettled, onSaved, onRemoved }: Props) {
  const [editing, setEditing] = useState(() => isBegun("ratings", rating.id));
  const [removing, setRemoving] = useState(false);
  const opening = useSaving();
  const edit = async () => {
    if (editing) return;
    if (await opening.run(() => begin("ratings", rating.id, fieldsOf))) setEditing(true);
  };
  useEffect(() => {
    if (asked) void edit();
  }, [asked]);
  const of = plain(author ?? "somebody");
  return (
    <li>
      <div class="rating-head">
        <strong>{author === undefined ? "…" : <Name text={author} />}</strong>
        <time class="quiet" dateTime={rating.createdAt} title={moment(rating.updatedAt)}>
          {day(rating.createdAt)}
          {rating.updatedAt !== rating.createdAt && ", changed"}
        </time>
      </div>
      {opening.failure !== undefined && <FailureNotice failure={opening.failure} />}
      {editing ? (
        <EditRating
          rating={rating}
          onSaved={onSaved}
          onClose={() => {
            setEditing(false);
            onSettled();
          }}
        />
      ) : (
        <>
          <p class="rating-score">
            <Stars value={rating.score} label={`${rating.score} of 5`} />
            <span>{scoreWord(rating.score)}</span>
          </p>
          {rating.comment !== undefined && (
            <p class="lines">
              <Name text={rating.comment} />
            </p>
          )}
          <div class="buttons small">
            <button type="button" disabled={opening.busy} onClick={() => void edit()}>
              Edit<span class="unseen"> the rating of {of}</span>
            </button>
            <button type="button" onClick={() => setRemoving(true)}>
              Withdraw<span class="unseen"> the rating of {of}</span>
            </button>
          </div>
        </>
      )}
      {removing && (
        <Removal
          collection="ratings"
          id={rating.id}
          title="Withdraw this rating?"
          verb="Withdraw"
          describe={(item) => (
            <p>
              {item.score} of 5, {scoreWord(item.score)}
              {item.comment !== undefined && (
                <>
                  : <Name text={item.comment} />
                </>
              )}
            </p>
          )}
          onRemoved={() => {
            announce("The rating is withdrawn.");
            onRemoved();
          }}
          onClose={() => setRemoving(false)}
        />
      )}
    </li>
  );
}

function EditRating({ rating, onSaved, onClose }: { rating: Rating; onSaved: (rating: Rating) => void; onClose: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const editing = useEditing({
    collection: "ratings",
    id: rating.id,
    initial: fieldsOf(rating),
    fieldsOf,
    onSaved: (saved) => {
      announce("The rating is saved.");
      onSaved(saved);
    },
    onClose,
  });
  const { mine, saving } = editing;
  useEffect(() => form.current?.querySelector<HTMLElement>("input:checked")?.focus(), []);
  const score = (value: number) => `${value} of 5, ${scoreWord(value)}`;
  const compare = (theirs: Rating) => [
    { label: "Score", mine: score(mine.score), theirs: score(theirs.score) },
    { label: "Comment", mine: mine.comment, theirs: theirs.comment ?? "" },
  ];
  return (
    <EditForm label="Change the rating" what="rating" editing={editing} compare={compare} onSubmit={() => void editing.save()} form={form}>
      <ScoreInput
        name={`score-${rating.id}`}
        legend="How good is it?"
        value={mine.score}
        error={fieldError(saving.failure, "score")}
        onChange={(score) => editing.set({ ...mine, score })}
      />
      <Field
        id={`comment-${rating.id}`}
        label="Comment"
        lines={3}
        maxLength={1000}
        value={mine.comment}
        error={fieldError(saving.failure, "comment")}
        onInput={(comment) => editing.set({ ...mine, comment })}
      />
    </EditForm>
  );
}
