export type Cell = string | number;

/** Prints a table with its columns in line, numbers to the right. */
export function printTable(title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const text = (cell: Cell): string => (typeof cell === "number" ? cell.toLocaleString("en-US") : cell);
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => text(row[column] ?? "").length)),
  );
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? text(cell).padEnd(widths[0] ?? 0) : text(cell).padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  console.log(`\n${title}\n`);
  console.log(line(head));
  console.log(widths.map((width) => "-".repeat(width)).join("  "));
  for (const row of rows) console.log(line(row));
}

/** `8.1×`. */
export const times = (ratio: number): string => `${ratio.toFixed(1)}×`;
