/** The function of a tool: its name without `gitlab_`, in camelCase. */
export function functionName(tool: string): string {
  return tool.replace(/^gitlab_/, "").replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
