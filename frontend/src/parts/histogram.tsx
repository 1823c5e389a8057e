// How scores are spread, as a picture and in words.
import { count, mean, scoreWord } from "../text";
import type { Summary } from "../api/resources";

/** The same in words. */
export function inWords(summary: Summary): string {
  if (summary.count === 0 || summary.mean === null) return "Not rated yet";
  const scores = summary.histogram
    .map((ratings, score) => `${ratings} with ${score}`)
    .reverse()
    .join(", ");
  return `${count(summary.count, "rating")}, ${mean(summary.mean)} of 5 on average: ${scores}`;
}

/** Six small columns, for a row of a list. */
export function SmallHistogram({ summary }: { summary: Summary }) {
  const most = Math.max(1, ...summary.histogram);
  return (
    <svg class="histogram-small" viewBox="0 0 60 24" width="60" height="24" role="img" aria-label={inWords(summary)}>
      {summary.histogram.map((ratings, score) => {
        const height = ratings === 0 ? 1 : Math.max(3, Math.round((ratings / most) * 24));
        return (
          <rect key={score} class={ratings === 0 ? "bar-none" : "bar"} x={score * 10 + 1} y={24 - height} width="8" height={height} rx="1" />
        );
      })}
    </svg>
  );
}

/** A bar for each score with its number, best first. */
export function Histogram({ summary }: { summary: Summary }) {
  const most = Math.max(1, ...summary.histogram);
  const rows = summary.histogram.map((ratings, score) => ({ ratings, score })).reverse();
  return (
    <table class="histogram">
      <caption class="unseen">How often each score was given</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">Score</th>
          <th scope="col">Share</th>
          <th scope="col">Ratings</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ ratings, score }) => (
          <tr key={score}>
            <th scope="row">
              {score} <span class="quiet">{scoreWord(score)}</span>
            </th>
            <td>
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" width="100%" height="10" aria-hidden="true">
                <rect class="bar-ground" width="100" height="10" />
                <rect class="bar" width={(ratings / most) * 100} height="10" />
              </svg>
            </td>
            <td class="number">{ratings.toLocaleString("en")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
