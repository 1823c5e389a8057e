// A table with a heading for each column; on a narrow screen each row is a card with the same headings. Roles are said in so many
// words, because browsers forget a table's meaning when its layout is another.
import type { ComponentChildren } from "preact";

export interface GridRow {
  key: string;
  /** The first names the row. */
  cells: ComponentChildren[];
}

interface GridProps {
  label: string;
  columns: string[];
  rows: GridRow[];
}

export function Grid({ label, columns, rows }: GridProps) {
  return (
    <table class="grid" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column} scope="col" role="columnheader">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map(({ key, cells: [name, ...cells] }) => (
          <tr key={key} role="row">
            <th scope="row" role="rowheader">
              {name}
            </th>
            {cells.map((cell, place) => (
              <td key={place} role="cell" data-label={columns[place + 1]}>
                <span>{cell}</span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
