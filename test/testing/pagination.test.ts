import { describe, expect, test } from "vitest";
import { pluck, setup } from "./client.js";

const { emulator, api } = setup();
const app = "/projects/acme%2Fapp";

const linkOf = (headers: Headers, relation: string): string | undefined =>
  new RegExp(`<([^>]+)>; rel="${relation}"`).exec(headers.get("link") ?? "")?.[1];

async function follow(path: string, as: string): Promise<Headers[]> {
  const seen: Headers[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const { headers, status } = await api(next, { as });
    expect(status).toBe(200);
    seen.push(headers);
    next = linkOf(headers, "next")?.slice(`${emulator().baseUrl}/api/v4`.length);
  }
  return seen;
}

describe("offset pagination", () => {
  test("has all of its headers", async () => {
    const { headers } = await api(`${app}/issues?per_page=15&page=2`, { as: "ada" });
    expect(Object.fromEntries([...headers].filter(([name]) => /^x-(?!re|gi|fr|co)/.test(name)))).toEqual({
      "x-page": "2",
      "x-per-page": "15",
      "x-next-page": "3",
      "x-prev-page": "1",
      "x-total": "40",
      "x-total-pages": "3",
    });
    expect(linkOf(headers, "next")).toContain("page=3");
    expect(linkOf(headers, "prev")).toContain("page=1");
    expect(linkOf(headers, "last")).toContain("page=3");
  });

  test("ends with an empty x-next-page", async () => {
    const { headers } = await api(`${app}/issues?per_page=15&page=3`, { as: "ada" });
    expect(headers.get("x-next-page")).toBe("");
    expect(linkOf(headers, "next")).toBeUndefined();
  });

  test("gives 20 at a time, and 100 at most", async () => {
    expect((await api(`${app}/issues`, { as: "ada" })).headers.get("x-per-page")).toBe("20");
    expect((await api(`${app}/issues?per_page=500`, { as: "ada" })).headers.get("x-per-page")).toBe("100");
  });

  test("does not count commits, nor more than 10,000 of anything", async () => {
    const commits = await api(`${app}/repository/commits?per_page=2`, { as: "ada" });
    expect(commits.headers.get("x-total")).toBeNull();
    expect(linkOf(commits.headers, "last")).toBeUndefined();
    const { planning } = emulator().state;
    const [label] = planning.labels;
    if (label === undefined) throw new Error("no label");
    const before = planning.labels.length;
    for (let index = 0; index < 10_001; index += 1)
      planning.labels.push({ ...label, id: index + 1, name: `l${String(index)}` });
    const { headers } = await api(`${app}/labels?per_page=100`, { as: "ada" });
    planning.labels.length = before;
    expect(headers.get("x-total")).toBeNull();
    expect(headers.get("x-total-pages")).toBeNull();
    expect(headers.get("x-next-page")).toBe("2");
  });

  test("refuses an offset beyond 50,000 where there is a better way", async () => {
    const answer = await api(`${app}/issues?page=502&per_page=100`, { as: "ada" });
    expect(answer.status).toBe(405);
  });
});

describe("keyset pagination", () => {
  test.each([
    [`${app}/issues?pagination=keyset&per_page=13`, 4],
    [`${app}/repository/tree?recursive=true&pagination=keyset&per_page=10`, 3],
    [`${app}/repository/branches?pagination=keyset&per_page=4`, 3],
    ["/projects?pagination=keyset&order_by=id&sort=asc&per_page=2", 2],
    ["/projects?pagination=keyset&order_by=id&per_page=2", 2],
    ["/users?pagination=keyset&order_by=id&per_page=3", 2],
    ["/groups?pagination=keyset&order_by=name&per_page=1", 2],
  ])("%s is walked by links alone", async (path, pages) => {
    const seen = await follow(path, "ada");
    expect(seen).toHaveLength(pages);
    for (const headers of seen) expect(headers.get("x-page")).toBeNull();
  });

  test("goes on behind what was deleted meanwhile", async () => {
    const first = await api("/users?pagination=keyset&order_by=id&sort=asc&per_page=2", { as: "ada" });
    const [, last] = pluck(first.body, "id");
    const { users } = emulator().state;
    const user = users.get(Number(last));
    if (user === undefined) throw new Error("no user");
    users.delete(user.id);
    const next = linkOf(first.headers, "next")?.slice(`${emulator().baseUrl}/api/v4`.length) ?? "";
    const second = await api(next, { as: "root" });
    users.set(user.id, user);
    expect(pluck(second.body, "username")).toEqual(["ben", "guest"]);
  });

  test("is refused where it is not offered", async () => {
    const answer = await api("/projects?pagination=keyset&order_by=name", { as: "ada" });
    expect(answer).toMatchObject({
      status: 405,
      body: { error: "Keyset pagination is not yet available for this type of request" },
    });
  });
});
