import { describe, expect, it } from "vitest";
import {
  dueDate,
  durationSeconds,
  extractQuickActions,
  humanDuration,
  references,
} from "../../src/testing/issuables/quick-action-text.js";

describe("quick actions in a text", () => {
  it("are taken out of the text in the order written", () => {
    const { text, commands } = extractQuickActions('Please look.\n\n/label ~bug ~"needs review"\n/assign @ben\n/close');
    expect(text).toBe("Please look.");
    expect(commands).toEqual([
      { name: "label", argument: '~bug ~"needs review"' },
      { name: "assign", argument: "@ben" },
      { name: "close", argument: "" },
    ]);
  });

  it("stay text inside fenced code and block quotes", () => {
    const source = "```\n/close\n```\n\n~~~~\n/merge\n~~~\n~~~~\n>>>\n/close\n>>>";
    expect(extractQuickActions(source)).toEqual({ text: source, commands: [] });
  });

  it("stay text when they are unknown, indented or in the middle of a line", () => {
    const source = "/usr/bin/env\n /close\nuse /close here\n/closed";
    expect(extractQuickActions(source)).toEqual({ text: source, commands: [] });
  });

  it("reads names with and without sigils and quotes", () => {
    expect(references('~bug ~"needs review" p1, ~p2', "~")).toEqual(["bug", "needs review", "p1", "p2"]);
    expect(references("@ben, @ada", "@")).toEqual(["ben", "ada"]);
    expect(references('%"Release 1.5"', "%")).toEqual(["Release 1.5"]);
  });

  it("counts durations in working days", () => {
    expect(durationSeconds("1w 2d 3h 30m")).toBe(144_000 + 57_600 + 12_600);
    expect(durationSeconds("soon")).toBeUndefined();
    expect(humanDuration(214_200)).toBe("1w 2d 3h 30m");
    expect(humanDuration(0)).toBeNull();
  });

  it("reads due dates", () => {
    const now = new Date("2026-01-30T12:00:00Z");
    expect(dueDate("2026-02-01", now)).toBe("2026-02-01");
    expect(dueDate("tomorrow", now)).toBe("2026-01-31");
    expect(dueDate("in 2 weeks", now)).toBe("2026-02-13");
    expect(dueDate("some day", now)).toBeUndefined();
  });
});
