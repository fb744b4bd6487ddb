/** An update of one thing; an action on it, such as a merge, clears nothing. */
export const isUpdate = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
  /^(?:put|patch)$/i.test(method) && path.endsWith("}");
