/** This package's version, as sent in `User-Agent`. */
export const version = "0.1.0";

/** Where this package's sources are, as in `package.json`. */
export const repositoryUrl = "https://github.com/gitlab-agent-tools/gitlab-agent-tools";
