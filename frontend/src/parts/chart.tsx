// A small line over time.
import type { Series } from "../system/watching";

const WIDTH = 150;
const HEIGHT = 32;

/** The line's pieces as SVG path data: a gap ends one piece. `most` is at the top. */
export function path(series: Series, most: number): string {
  const left = WIDTH - series.length;
  let pen = "M";
  return series
    .map((value, place) => {
      if (value === undefined) {
        pen = "M";
        return "";
      }
      const y = HEIGHT - 1 - (most === 0 ? 0 : (value / most) * (HEIGHT - 2));
      // A point between gaps is a dot.
      const step = `${pen}${left + place} ${y.toFixed(1)}${pen === "M" ? "h0" : ""}`;
      pen = "L";
      return step;
    })
    .join("");
}

interface ChartProps {
  series: Series;
  /** What it shows, and in what, such as `messages that wait`. */
  label: string;
}

export function Chart({ series, label }: ChartProps) {
  const known = series.filter((value) => value !== undefined);
  const most = Math.max(0, ...known);
  const last = known.at(-1);
  const said = last === undefined ? `${label}: not known` : `${label}: ${shown(last)} now, ${shown(most)} at most`;
  return (
    <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={said}>
      <path class="chart-ground" d={`M0 ${HEIGHT - 1}H${WIDTH}`} />
      <path class="chart-line" d={path(series, most)} />
    </svg>
  );
}

/** Few digits, whatever the size. */
export function shown(value: number): string {
  return value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString("en") : value.toPrecision(2);
}
