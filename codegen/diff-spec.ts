export async function diffSpec(_: { root: string; from?: string }): Promise<unknown> {
  return {};
}
