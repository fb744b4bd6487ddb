/** The part of GitLab's document that the project uses. */
export const specificationFile = "spec/gitlab.openapi.yaml";
/** Which documents it was taken from. */
export const lockFile = "spec/spec.lock.yaml";
