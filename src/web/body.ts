import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { readBytes, tooLarge } from "../http/body.js";
import { toHttpResponse } from "../http/fetch-transport.js";
import { statedLength } from "../http/head.js";

/** The body as text; `undefined` where the client went away halfway, which is nobody's failure. */
export async function readText(request: Request, limit: number): Promise<string | undefined> {
  const { headers } = request;
  // Servers hold a body to its stated length (RFC 9112, section 6.3): it need not be counted on the way, which costs more
  // than all else about a short one. Of what is packed, something before us may have unpacked more than was stated.
  const length = headers.has("content-encoding") ? undefined : statedLength(headers.get("content-length"));
  if (length !== undefined && length > limit) throw tooLarge(limit, length);
  try {
    return length === undefined ? await readUpTo(request, limit) : await request.text();
  } catch (error) {
    if (error instanceof GitLabToolError) throw error;
    return undefined;
  }
}

async function readUpTo(request: Request, limit: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(toHttpResponse(new Response(request.body), request.signal), limit));
}
