/** A commit of the seeded project, so many days before the emulator's start. */
export interface SeedCommit {
  readonly days: number;
  readonly author: "ada" | "ben";
  readonly message: string;
  readonly files: Readonly<Record<string, string>>;
  readonly tag?: readonly [name: string, message: string];
}

const lines = (...text: readonly string[]): string => `${text.join("\n")}\n`;

/** The history of `acme/app` before its first merge request. */
export const seedCommits: readonly SeedCommit[] = [
  {
    days: 470,
    author: "ada",
    message: "Initial commit",
    files: {
      "README.md": lines(
        "# App",
        "",
        "The customer portal of Acme: accounts, invitations, prices and webhooks.",
        "",
        "## Development",
        "",
        "Run `npm ci`, then `npm start`. The portal listens on port 4000.",
        "",
        "## Tests",
        "",
        "`npm test` runs everything that does not need a browser.",
      ),
      LICENSE: lines("MIT License", "", "Copyright (c) Acme", "", "Permission is hereby granted, free of charge."),
      ".gitignore": lines("node_modules/", "dist/", "coverage/"),
      "package.json": lines(
        "{",
        '  "name": "app",',
        '  "version": "1.2.0",',
        '  "type": "module",',
        '  "scripts": { "start": "node dist/server.js", "test": "node --test" }',
        "}",
      ),
    },
  },
  {
    days: 462,
    author: "ben",
    message: "Serve the portal\n\nOne process for pages and API, so that a deployment is one container.",
    files: {
      "src/server.ts": lines(
        'import { createServer } from "node:http";',
        'import { route } from "./routes.js";',
        "",
        "const port = Number(process.env.PORT ?? 4000);",
        "",
        "createServer((request, response) => {",
        "  void route(request, response);",
        "}).listen(port, () => {",
        "  console.log(`Listening on port ${port}`);",
        "});",
      ),
      "src/routes.ts": lines(
        'import type { IncomingMessage, ServerResponse } from "node:http";',
        'import { signIn } from "./login.js";',
        "",
        "export async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {",
        '  if (request.url === "/health") {',
        '    response.end("ok");',
        "    return;",
        "  }",
        "  await signIn(request, response);",
        "}",
      ),
      "src/login.ts": lines(
        'import type { IncomingMessage, ServerResponse } from "node:http";',
        "",
        "// TODO: keep the e-mail address after a wrong password",
        "export async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {",
        "  response.statusCode = 401;",
        '  response.end("Please sign in");',
        "}",
      ),
    },
    tag: ["v1.2.0", "Version 1.2.0\n\nThe first one that customers see."],
  },
  {
    days: 455,
    author: "ada",
    message: "Describe set-up and deployment",
    files: {
      "docs/setup.md": lines("# Set-up", "", "Ask Ada for a database dump, then run `npm start`."),
      "docs/deployment.md": lines(
        "# Deployment",
        "",
        "Push to `main`; the pipeline does the rest.",
        "",
        "Rollbacks: `make rollback`.",
      ),
      "docs/api/overview.md": lines("# API", "", "All answers are JSON. Tokens go into the `Authorization` header."),
    },
  },
  {
    days: 448,
    author: "ben",
    message: "Check prices before they are shown",
    files: {
      "src/prices.ts": lines(
        "export const total = (unit: number, count: number): number => unit * count;",
        "",
        "export const format = (amount: number, currency: string): string =>",
        '  new Intl.NumberFormat("en", { style: "currency", currency }).format(amount);',
      ),
      "src/webhooks.ts": lines("export const delay = (attempt: number): number => attempt * 30;"),
      "test/prices.test.ts": lines(
        'import assert from "node:assert/strict";',
        'import { test } from "node:test";',
        'import { total } from "../src/prices.js";',
        "",
        'test("multiplies", () => {',
        "  assert.equal(total(20, 2), 40);",
        "});",
      ),
    },
  },
  {
    days: 441,
    author: "ada",
    message: "Prepare v1.3.0\n\nReviewed-by: Ben Berg <ben@example.com>",
    files: {
      "CHANGELOG.md": lines(
        "# Changes",
        "",
        "## 1.3.0",
        "",
        "- Prices are checked before they are shown.",
        "",
        "## 1.2.0",
        "",
        "- First release.",
      ),
      "package.json": lines(
        "{",
        '  "name": "app",',
        '  "version": "1.3.0",',
        '  "type": "module",',
        '  "scripts": { "start": "node dist/server.js", "test": "node --test" }',
        "}",
      ),
    },
    tag: ["v1.3.0", "Version 1.3.0"],
  },
  {
    days: 440,
    author: "ben",
    message: "Make the release script executable",
    files: {
      "scripts/release.sh": lines("#!/bin/sh", "set -eu", 'git tag -a "$1" -m "Version $1"', 'git push origin "$1"'),
    },
  },
];

/** A picture of one pixel: a file that is no text. */
export const seedLogo =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
