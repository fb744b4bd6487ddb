/** How often a line goes out that keeps proxies from closing the connection: they do after 30 to 60 s of nothing. */
const aliveMs = 15_000;

/**
 * The answer itself where it comes soon, which costs client and server the least; otherwise a stream that begins now, is
 * kept alive, and ends with it (Model Context Protocol, "Streamable HTTP": a server answers with either).
 */
export async function answerInTime(answering: Promise<Response>, patienceMs: number): Promise<Response> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
  try {
    return (await Promise.race([answering, late])) ?? streamed(answering);
  } finally {
    clearTimeout(timer);
  }
}

function streamed(answering: Promise<Response>): Response {
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (text: string): void => controller.enqueue(encoder.encode(text));
      timer = setInterval(() => send(": alive\n\n"), aliveMs);
      try {
        // One line: JSON has no bare line ends.
        send(`event: message\ndata: ${await (await answering).text()}\n\n`);
        controller.close();
      } catch (error) {
        controller.error(error);
      } finally {
        clearInterval(timer);
      }
    },
    cancel: () => clearInterval(timer),
  });
  const headers = { "Content-Type": "text/event-stream", "Cache-Control": "no-cache, no-transform" };
  return new Response(body, { headers: { ...headers, "X-Accel-Buffering": "no" } });
}
