/** What the system's own errors mean at a terminal, by their codes. */
const problems: Readonly<Record<string, (at: string) => { readonly message: string; readonly hint: string }>> = {
  EADDRINUSE: (at) => ({
    message: `Something else listens at ${at} already.`,
    hint: "Stop it, or choose another --port (0 takes a free one).",
  }),
  EADDRNOTAVAIL: (at) => ({ message: `This machine has no address ${at}.`, hint: "Choose another --host." }),
  EACCES: (at) => ({ message: `${at} is not allowed.`, hint: "Check who may use it, or choose another one." }),
  ENOENT: (at) => ({ message: `There is no ${at}.`, hint: "Check the path; folders have to exist." }),
  EISDIR: (at) => ({ message: `${at} is a folder.`, hint: "Give the path of a file." }),
  ENOTDIR: (at) => ({ message: `${at} leads through something that is no folder.`, hint: "Check the path." }),
};

interface SystemError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
}

/** Words in place of a code of the system's, where it is one that people meet. */
export function systemProblem(error: unknown): { readonly message: string; readonly hint: string } | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, address, port } = error as SystemError;
  const at = path ?? (port === undefined ? undefined : `${address ?? ""}:${port}`);
  if (at === undefined || code === undefined || !Object.hasOwn(problems, code)) return undefined;
  return problems[code]?.(at);
}
