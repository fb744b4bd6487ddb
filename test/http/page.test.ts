import { expect, test } from "vitest";
import { nextLink } from "../../src/http/head.js";

const next = (link: string): string | undefined => nextLink(new Headers({ link }));

test("the next page's link among others", () => {
  expect(next('<https://x.example/a?page=1>; rel="prev", <https://x.example/a?page=3>; rel="next"')).toBe(
    "https://x.example/a?page=3",
  );
  expect(next("<https://x.example/b>; title=x; rel=next, <https://x.example/c>; rel=last")).toBe("https://x.example/b");
  expect(next('</c>; REL="last NEXT"')).toBe("/c");
});

test.each(['<https://x.example/a>; rel="prev"', '</a>; rel="nextish"', '; rel="next"', "", "<"])("none in %j", (link) =>
  expect(next(link)).toBeUndefined(),
);

test.each(["<", ";rel=a ", "<a>", ';rel="', " "])("a header of many %j takes no time", (part) => {
  // Work that grows with the square of it would go on for hours.
  expect(next(part.repeat(1_000_000))).toBeUndefined();
});
