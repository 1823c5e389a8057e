// Scores as stars: shown, and chosen.
import { plain, scoreWord } from "../text";

const STAR = "M10 1.6l2.6 5.4 5.9.8-4.3 4.1 1 5.9L10 15l-5.2 2.8 1-5.9L1.5 7.8l5.9-.8z";

function Row({ filled }: { filled: boolean }) {
  return (
    <>
      {[0, 20, 40, 60, 80].map((x) => (
        <path key={x} class={filled ? "star-full" : "star-empty"} d={STAR} transform={`translate(${x} 0)`} />
      ))}
    </>
  );
}

interface StarsProps {
  /** 0 to 5; fractions fill a star in part. */
  value: number;
  /** What a screen reader says in place of the picture; none where the words stand beside it. */
  label?: string;
}

/** A score or a mean as five stars. */
export function Stars({ value, label }: StarsProps) {
  const width = Math.max(0, Math.min(5, value)) * 20;
  const said = label === undefined ? { "aria-hidden": true as const } : { role: "img" as const, "aria-label": label };
  return (
    <svg class="stars" viewBox="0 0 100 20" width="100" height="20" {...said}>
      <Row filled={false} />
      {width > 0 && (
        <svg width={width} height="20" viewBox={`0 0 ${width} 20`}>
          <Row filled />
        </svg>
      )}
    </svg>
  );
}

interface ScoreInputProps {
  /** Makes the group's name unique in the page. */
  name: string;
  legend: string;
  value: number | undefined;
  error: string | undefined;
  onChange: (score: number) => void;
}

/** A score as a group of radio buttons: arrows, digits spoken, and a word for each. */
export function ScoreInput({ name, legend, value, error, onChange }: ScoreInputProps) {
  return (
    <fieldset class="score" aria-describedby={error ? `${name}-error` : undefined}>
      <legend>{legend}</legend>
      <div class="score-row">
        {[0, 1, 2, 3, 4, 5].map((score) => (
          <label key={score} class={score === 0 ? "score-none" : value !== undefined && score <= value ? "score-on" : ""}>
            <input
              type="radio"
              name={name}
              value={score}
              checked={value === score}
              aria-label={plain(`${score} of 5, ${scoreWord(score)}`)}
              aria-invalid={error !== undefined}
              onChange={() => onChange(score)}
            />
            <svg viewBox="0 0 20 20" width="34" height="34" aria-hidden="true">
              {score === 0 ? <path class="star-none" d="M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM5 15L15 5" /> : <path d={STAR} />}
            </svg>
          </label>
        ))}
        <span class="score-word" aria-hidden="true">
          {value === undefined ? "Choose" : `${value} of 5: ${scoreWord(value)}`}
        </span>
      </div>
      {error && (
        <p class="error" id={`${name}-error`}>
          {error}
        </p>
      )}
    </fieldset>
  );
}
