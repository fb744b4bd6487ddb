/** Every tool as a typed function, and `tools`, the registry by tool name. */
export * from "../generated/registry.js";
