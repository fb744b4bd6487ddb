/** A shape of secrets. */
export interface SecretKind {
  readonly name: string;
  /** One of these is in every text that has such a secret: a text with none of any kind is not looked through. */
  readonly words: readonly string[];
  /** The group `kept` stays, such as the name that tells what comes after it. */
  readonly shape: RegExp;
}

const kind = (name: string, words: string, shape: RegExp): SecretKind => ({ name, words: words.split(" "), shape });

/**
 * The shapes of secrets, by what they are: GitLab's by its prefixes
 * (https://docs.gitlab.com/security/tokens/#token-prefixes), the others' by their issuers' pages. A list of our own:
 * of the kept ones, secretlint's last for Node 20 (11) knows none of GitLab's prefixes and checks asynchronously, and
 * gitleaks' rules come with a program and no package.
 *
 * Repetitions are bounded or end where the next one begins: a long text takes no longer for what it looks like.
 */
export const secretKinds: readonly SecretKind[] = [
  kind(
    "private key",
    "PRIVATE",
    // In a diff each line begins with a sign. A key whose end is not in the text is hidden as far as it goes.
    /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:\s*[+ -]?(?:Proc-Type|DEK-Info):[^\n]*\n)*(?:[^-]|-(?!----)){0,20000}(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?/g,
  ),
  kind(
    "gitlab token",
    "glpat- gloas- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- glsoat- glffct- glwt-",
    /\bgl(?:pat|oas|dt|rtr?|cbt|ptt|ft|imt|agent|soat|ffct|wt)-[\w.-]{16,}/g,
  ),
  kind("gitlab token", "GR1348941", /\bGR1348941[\w-]{20,}/g),
  kind("gateway key", "gat_", /\bgat_[0-9a-f]{16}_[\w-]{43}/g),
  kind("gitlab session", "_gitlab_session=", /(?<kept>_gitlab_session=)[0-9a-f]{32}/g),
  kind(
    "token",
    "_token=",
    /(?<kept>(?:private|job|access|feed|rss|refresh|incoming_email)_token=)(?=[\w.-]{0,200}\d)[\w.-]{16,}/g,
  ),
  kind(
    "token",
    "-token -Token -TOKEN",
    /(?<kept>\b(?:private|job|deploy)-token["']?: {0,3}["']?)(?=[\w.-]{0,200}\d)[\w.-]{16,}/gi,
  ),
  kind(
    "token",
    "uthorization AUTHORIZATION",
    /(?<kept>\bauthorization["']?: {0,3}["']?(?:bearer|basic|token) {1,3})(?=[\w.+/=~-]{0,200}\d)[\w.+/=~-]{16,}/gi,
  ),
  kind(
    "password",
    "@",
    // Of `scheme://user:password@host`; a variable, or a word that stands for one, is left.
    /(?<kept>:\/\/[^\s:/?#@'"<>]{0,100}:)(?!(?:passw(?:or)?d|pass|secret|changeme|token|x+|\*+|\.+)@)[^\s/?#@'"<>$%{}[\]]{3,500}(?=@)/g,
  ),
  kind("aws key", "AKIA ASIA ABIA ACCA", /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g),
  kind(
    "aws key",
    "ccess_key ccessKey ACCESS_KEY",
    /(?<kept>secret_?access_?key["']?\s{0,3}[:=]\s{0,3}["']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/gi,
  ),
  kind("azure key", "AccountKey=", /(?<kept>AccountKey=)[A-Za-z0-9+/]{86}==/g),
  kind("azure key", "sig=", /(?<kept>[?&]sig=)[A-Za-z0-9%+/]{40,}(?:=|%3D)/gi),
  kind("azure key", "Q~", /(?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}/g),
  kind("google key", "AIza", /\bAIza[\w-]{35}/g),
  kind("google key", "GOCSPX- ya29.", /\b(?:GOCSPX-[\w-]{28}|ya29\.[\w-]{20,})/g),
  kind("github token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})/g),
  kind("slack token", "xox xapp-", /\b(?:xox[abeoprs]-[\w-]{10,}|xapp-\d-[\w-]{20,})/g),
  kind(
    "slack webhook",
    "hooks.slack.com/",
    /(?<kept>\bhooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/]{20,}/g,
  ),
  kind("stripe key", "k_live_ k_test_ whsec_", /\b(?:[rs]k_(?:live|test)_[A-Za-z0-9]{20,}|whsec_[A-Za-z0-9+/]{24,})/g),
  kind("npm token", "npm_", /\bnpm_[A-Za-z0-9]{36}\b/g),
  kind("pypi token", "pypi-AgE", /\bpypi-AgE[\w-]{40,}/g),
  kind("docker token", "dckr_", /\bdckr_(?:pat|oat)_[\w-]{20,}/g),
  kind("anthropic key", "sk-ant-", /\bsk-ant-[\w-]{20,}/g),
  kind("openai key", "sk-", /\bsk-(?:(?:proj|svcacct|admin)-[\w-]{40,}|[A-Za-z0-9]{40,}\b)/g),
  kind("hugging face token", "hf_", /\bhf_[A-Za-z0-9]{34,}\b/g),
  kind("sendgrid key", "SG.", /\bSG\.[\w-]{22}\.[\w-]{43}/g),
  kind("digitalocean token", "_v1_", /\bdo[opr]_v1_[a-f0-9]{64}\b/g),
  kind("databricks token", "dapi", /\bdapi[a-f0-9]{32}\b/g),
  kind("atlassian token", "ATATT3", /\bATATT3[\w=-]{100,}/g),
  kind("shopify token", "shpat_ shpca_ shppa_ shpss_", /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b/g),
  kind("grafana token", "glsa_ glc_", /\bgl(?:sa_[A-Za-z0-9]{32}_[a-f0-9]{8}|c_[A-Za-z0-9+/=]{32,})/g),
  kind("vault token", "hvs. hvb. hvr.", /\bhv[sbr]\.[\w-]{24,}/g),
  kind("terraform token", ".atlasv1.", /\.atlasv1\.[\w-]{60,}/g),
  kind("age key", "AGE-SECRET-KEY-1", /\bAGE-SECRET-KEY-1[A-Z0-9]{58}/g),
  kind("jwt", "eyJ", /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g),
];
