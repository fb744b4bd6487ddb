import { start } from "./server.js";

const { address, stop } = await start(process.env);
console.log(address);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop());
