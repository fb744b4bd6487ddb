/** A product whose people connect their GitLab, and whose API then acts as each of them. */
import { toHttpError, type GitLab } from "gitlab-agent-tools";
import { createConnectHandler } from "gitlab-agent-tools/connect";
import { Hono, type Context } from "hono";
import { getSignedCookie, setSignedCookie } from "hono/cookie";

/** @param secret signs the product's own session cookie */
export function createApp(gitlab: GitLab, secret: string): Hono {
  const app = new Hono();
  /** Who is signed in to the product: your own session goes here. */
  const userOf = async (context: Context): Promise<string | undefined> =>
    (await getSignedCookie(context, secret, "user")) || undefined;

  // Everything about connecting GitLab: pages, callback, status, disconnecting.
  const connect = createConnectHandler<Context>({
    gitlab,
    identify: (_request, context) => userOf(context),
    signInUrl: "/",
    productName: "Bug Board",
  });
  app.all("/connect/*", (context) => connect(context.req.raw, context));

  // Stands for the product's own way to sign in.
  app.post("/sign-in", async (context) => {
    const { name } = await context.req.parseBody();
    if (typeof name !== "string" || !/^\w+$/.test(name)) return context.text("Who are you?", 400);
    await setSignedCookie(context, "user", name, secret, { httpOnly: true, sameSite: "Lax" });
    return context.redirect("/", 303);
  });

  app.get("/", async (context) => {
    const user = await userOf(context);
    return context.html(
      user === undefined
        ? '<form method="post" action="/sign-in"><label>Name <input name="name" /></label> <button>Sign in</button></form>'
        : `<p>Signed in as ${user}. <a href="/connect?return_to=/">Connect GitLab</a>, then see <a href="/api/bugs">your bugs</a>.</p>`,
    );
  });

  // Acts as the person who asks.
  app.get("/api/bugs", async (context) => {
    const identifier = await userOf(context);
    if (identifier === undefined) return context.json({ message: "Sign in first." }, 401);
    try {
      const { data } = await gitlab.executeTool({
        identifier,
        toolName: "gitlab_issues_list",
        toolInput: { project_id: "acme/app", state: "opened", labels: ["bug"], per_page: 5 },
      });
      return context.json(data.map(({ iid, title }) => ({ iid, title })));
    } catch (error) {
      const { status, code, message } = toHttpError(error);
      return Response.json({ code, message, ...(status === 409 && { connect: "/connect" }) }, { status });
    }
  });

  return app;
}
