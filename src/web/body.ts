import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { readBytes } from "../http/body.js";
import { toHttpResponse } from "../http/fetch-transport.js";

/** The body as text; `undefined` where the client went away halfway, which is nobody's failure. */
export async function readText(request: Request, limit: number): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await readBytes(toHttpResponse(new Response(request.body), request.signal), limit));
  } catch (error) {
    if (error instanceof GitLabToolError) throw error;
    return undefined;
  }
}
