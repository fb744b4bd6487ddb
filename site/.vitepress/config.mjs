// One site from the Markdown that the repository has anyway: README.md is its first page, links between files are its links.
import { defineConfig } from "vitepress";

const page = (text, name) => ({ text, link: `/docs/${name}` });

export default defineConfig({
  title: "gitlab-agent-tools",
  description: "Typed GitLab tools for AI agents that act on behalf of each of your engineers.",
  srcDir: "pages",
  outDir: "dist",
  // Links between pages do not follow a rewrite: the others keep their names.
  rewrites: { "README.md": "index.md" },
  // No page, but a file that is taken along.
  ignoreDeadLinks: [/\/(docs\/)?tools$/],
  themeConfig: {
    // The index is a part of the site: nothing is asked of anybody else.
    search: { provider: "local" },
    outline: [2, 3],
    sidebar: [
      {
        text: "Begin",
        items: [
          { text: "In two minutes", link: "/" },
          page("Concepts", "concepts"),
          page("Accounts", "accounts"),
          page("Connect pages", "connect"),
          page("OAuth application", "oauth-application"),
          { text: "Examples", link: "/examples/README" },
        ],
      },
      {
        text: "Use",
        items: [
          page("Calls", "calls"),
          page("Errors", "errors"),
          page("Agents", "agents"),
          page("MCP", "mcp"),
          page("Policies", "policies"),
          page("Gateway", "gateway"),
          page("Webhooks", "webhooks"),
          page("Emulator", "emulator"),
          page("Command line", "cli"),
        ],
      },
      {
        text: "Look up",
        items: [
          { text: "Browse the tools", link: "/docs/tools.html", target: "_blank" },
          page("Tools as text", "api"),
          page("Runtimes", "runtimes"),
          page("Conformance", "conformance"),
          page("Beside its peers", "bench"),
        ],
      },
      {
        text: "Run",
        items: [
          page("Operations", "operations"),
          page("Scale", "scale"),
          page("Security model", "security-model"),
          page("Upgrading", "upgrade"),
          { text: "Changelog", link: "/CHANGELOG" },
        ],
      },
      {
        text: "Maintain",
        items: [
          { text: "Contributing", link: "/CONTRIBUTING" },
          page("GitLab's releases", "spec-updates"),
          page("Releasing", "releasing"),
          { text: "Security", link: "/SECURITY" },
        ],
      },
    ],
  },
});
