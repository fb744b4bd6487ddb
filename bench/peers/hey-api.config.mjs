// A client as people have it made who want answers and inputs checked: types, zod schemas, functions that use them.
export default {
  input: "../../generated/openapi.json",
  output: "made/hey-api",
  logs: { file: false },
  plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "zod", { name: "@hey-api/sdk", validator: true }],
};
