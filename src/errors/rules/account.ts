import { isMaintained, takesNoChanges } from "./maintenance.js";
import { because, type Rule } from "../refused-call.js";

/** Why GitLab lets an account do nothing at all, told by its words. */
const blocked: readonly { reason: string; words: RegExp; hint: string }[] = [
  {
    reason: "terms_of_service",
    words: /terms of (?:service|use)/i,
    hint: "Ask the user to sign in to GitLab in a browser and accept the terms, then call again.",
  },
  {
    reason: "pending_approval",
    words: /pending (?:admin(?:istrator)? )?approval/i,
    hint: "An administrator of the instance has to approve the user first.",
  },
  {
    reason: "blocked",
    words:
      /\baccount\b.*\b(?:blocked|banned|deactivated|locked)|\b(?:blocked|banned|deactivated) (?:account|user)|\buser\b(?: \S+)? (?:is|was|has been) (?:blocked|banned|deactivated)/i,
    hint: "Ask an administrator of the instance; calling again does not help.",
  },
  {
    reason: "ip_restricted",
    words: /\bip\b.*(?:not allowed|not permitted|restrict|denied)|(?:not allowed|restrict\w*|denied).*\bip\b/i,
    hint: "The group or instance admits only some IP addresses: call from an allowed one, or ask its owner to add this one.",
  },
  {
    reason: "sso",
    words: /\bsso\b|\bsaml\b|single sign-?on/i,
    hint: "Ask the user to sign in through the group's single sign-on in a browser, then call again.",
  },
  {
    reason: "two_factor",
    words: /two-factor|\b2fa\b|\bmfa\b/i,
    hint: "Ask the user to set up two-factor authentication in GitLab, then call again.",
  },
  {
    reason: "password_expired",
    words: /password (?:has )?expired/i,
    hint: "Ask the user to change the password in GitLab's web interface, then call again.",
  },
  {
    reason: "email_unconfirmed",
    words: /email (?:address )?(?:is |has )?not (?:been )?confirmed|confirm your (?:primary )?email/i,
    hint: "Ask the user to confirm the email address in GitLab, then call again.",
  },
];

const blockedBy = (text: string): (typeof blocked)[number] | undefined => blocked.find(({ words }) => words.test(text));

/** Does GitLab, or something in front of it, let this account in at all? */
export const accountRules: readonly Rule[] = [
  {
    status: [400, 403, 409, 422],
    when: (body) => body.spam !== undefined,
    finding: (body) => ({
      code: "forbidden",
      message: `GitLab took the text for spam${because(body)}`,
      hint: "Do not send it again: a person has to do this in GitLab's web interface and confirm it there.",
      details: { reason: "spam", captcha: body.spam?.captcha === true },
    }),
  },
  {
    status: [401, 403],
    when: (body) => body.kind !== "html" && blockedBy(body.text) !== undefined,
    finding: (body) => ({
      code: "account_blocked",
      message: `GitLab does not let this account in${because(body)}`,
      hint: blockedBy(body.text)?.hint,
      details: { reason: blockedBy(body.text)?.reason },
    }),
  },
  {
    status: [403],
    when: isMaintained,
    finding: takesNoChanges,
  },
  {
    status: [401, 403],
    when: (body) => body.kind === "html",
    finding: (body, { status, baseUrl }) => ({
      code: "forbidden",
      message: `${new URL(baseUrl).host} answered ${status} with a web page, not as GitLab's API does${because(body)}`,
      hint: "A proxy, firewall or sign-in page stands in front of GitLab: its administrator has to let API calls through.",
    }),
  },
];
