import { measureStorms, type Storm } from "../storm.js";
import type { Figure } from "./figure.js";

/** 10,000 accounts that expire at once, in four processes; none of the peers keeps accounts. */
export async function stormFigures(): Promise<Figure[]> {
  const { SQLite, PostgreSQL } = await measureStorms();
  const figure = (title: string, unit: string, of: keyof Storm, most: number): Figure => ({
    title: `10,000 accounts expire at once in 4 processes: ${title}`,
    unit,
    ours: "gitlab-agent-tools, PostgreSQL",
    values: { "gitlab-agent-tools, SQLite": SQLite[of], "gitlab-agent-tools, PostgreSQL": PostgreSQL[of] },
    bar: { most },
  });
  return [
    figure("most refreshes of one account", "", "mostForOne", 1),
    figure("failed calls", "", "failed", 0),
    figure("until every call was answered", "s", "seconds", 15),
  ];
}
