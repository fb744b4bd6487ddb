import { signIn } from "./client.js";

const [address = "http://127.0.0.1:8080/mcp"] = process.argv.slice(2);
const client = await signIn(address, ({ href }) => console.log(`Open ${href}`));
const { tools } = await client.listTools();
console.log(`${tools.length} tools`);
const me = await client.callTool({ name: "gitlab_current_user_get", arguments: {} });
console.log(me.content);
await client.close();
