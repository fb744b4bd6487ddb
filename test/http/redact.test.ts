import { expect, test } from "vitest";
import { redactBody } from "../../src/http/redact.js";

test("secrets in URLs do not show, wherever the URL is", () => {
  const seen = redactBody({
    url: "https://ci.example/hook?token=s3cret&job=1",
    nested: [{ import_url: "https://ada:s3cret@x.example/p.git" }, " https://x.example/?private_token=s3cret"],
    broken: "https://x.example:99999/?token=s3cret",
  });
  expect(JSON.stringify(seen)).not.toContain("s3cret");
  expect(seen).toMatchObject({ url: "https://ci.example/hook?token=%5Bhidden%5D&job=1" });
});

test("what hides nothing stays as it was written", () => {
  const body = { external_url: "https://x.example", description: "https://x.example/a b is where it is", title: "a/b" };
  expect(redactBody(body)).toEqual(body);
});
