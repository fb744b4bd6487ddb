import type { CutField } from "./budget.js";
import type { Cut } from "./cut.js";
import type { PageInfo } from "./page-info.js";

const count = (items: number): string => (items === 1 ? "1 item" : `${items} items`);

/** How many items a page has of how many, and how to get more; or, where not all of them fit, that they do not. */
export function pageLine(items: number, page: PageInfo | undefined, shown = items): string {
  const { total, totalPages, nextPage, hasMore = false } = page ?? {};
  if (!hasMore && shown < items) return `${count(items)}; the first ${shown}:`;
  if (!hasMore) {
    const all = total === undefined || total === items ? "" : ` of ${total}`;
    if (items === 0) return total ? `No items on this page; ${total} in all.` : "No items.";
    return page?.page !== undefined && page.page > 1
      ? `${count(items)}${all}, page ${page.page}, the last.`
      : `${count(items)}.`;
  }
  const of = total === undefined ? "" : ` of ${total}`;
  const at =
    page?.page === undefined ? "" : `, page ${page.page}${totalPages === undefined ? "" : ` of ${totalPages}`}`;
  if (shown < items) return `${count(items)}${of}${at}; the first ${shown}:`;
  const next =
    nextPage !== undefined
      ? `"page": ${nextPage}`
      : page?.nextCursor !== undefined
        ? `"after": ${JSON.stringify(page.nextCursor)}`
        : "narrow the filters to see them";
  return `${count(items)}${of}${at}; more: ${next}.`;
}

/** Items of a page that did not fit, and the call that begins with the first of them, or before it. */
export function nextPageNote(shown: number, of: number, page: PageInfo | undefined): string {
  const left = `[${of - shown} more of this page left out`;
  if (page?.perPage === undefined || page.page === undefined) return `${left}: they did not fit]`;
  const before = (page.page - 1) * page.perPage;
  let size = shown;
  while (before % size !== 0) size -= 1;
  return `${left}: "per_page": ${size}, "page": ${before / size + 2}]`;
}

/** Which fields were cut, and how much of them is there. */
export function cutNotes(cuts: readonly CutField[]): string[] {
  const fields = [...new Set(cuts.map(({ path }) => path.replace(/[.[].*$/s, "")))];
  return fields.map((field) => {
    const own = cuts.filter(({ path }) => path === field || /^[.[]/.test(path.slice(field.length)));
    return `[${field} is cut: ${sums(own)}; "fields": ["${field}"] leaves it more room]`;
  });
}

/** Which items were cut, and the call that shows one of them alone. */
export function itemNotes(cuts: ReadonlyMap<number, readonly CutField[]>, page: PageInfo | undefined): string[] {
  return [...cuts].map(([index, own]) => {
    const names = [...new Set(own.map(({ path }) => path))].join(", ");
    const place = page?.page === undefined ? undefined : (page.page - 1) * (page.perPage ?? 0) + index + 1;
    // A page of one item is that item alone already.
    const how = place === undefined || page?.perPage === 1 ? "" : `; alone: "per_page": 1, "page": ${place}`;
    return `[Item ${index + 1}: ${names} cut, ${sums(own)}${how}]`;
  });
}

function sums(cuts: readonly CutField[]): string {
  const lists = cuts.filter(({ path }) => path.endsWith("[]"));
  const texts = cuts.filter(({ path }) => !path.endsWith("[]"));
  const sum = (list: readonly CutField[], what: "characters" | "of"): number =>
    list.reduce((total, cut) => total + cut[what], 0);
  return [
    ...(texts.length > 0 ? [`${sum(texts, "characters")} of ${sum(texts, "of")} characters`] : []),
    ...(lists.length > 0 ? [`${sum(lists, "characters")} of ${sum(lists, "of")} items`] : []),
  ].join(", ");
}

/** Which lines of a text are shown, counted from `first`, and how to read on. */
export function linesNote(cut: Cut, first: number): string {
  const last = first + cut.lines - 1;
  const rest = cut.of - cut.lines;
  const more = rest === 0 ? "" : `${rest} more follow: "start_line": ${last + 1}`;
  if (cut.lineLength === undefined) return `[Lines ${first} to ${last}; ${more}]`;
  return `[Line ${first}, ${cut.text.length} of its ${cut.lineLength} characters${more && `; ${more}`}]`;
}
