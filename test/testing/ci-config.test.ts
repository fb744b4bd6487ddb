import { describe, expect, it } from "vitest";
import { readCiConfig } from "../../src/testing/ci/ci-config.js";

const onMain = {
  CI_COMMIT_BRANCH: "main",
  CI_COMMIT_REF_NAME: "main",
  CI_DEFAULT_BRANCH: "main",
  CI_PIPELINE_SOURCE: "api",
};

describe("a CI configuration", () => {
  it("gives the jobs in the order of their stages", () => {
    const config = readCiConfig(
      `
stages: [test, deploy]
.node: { image: "node:20" }
deploy: { stage: deploy, script: ./deploy.sh, when: manual }
unit:
  extends: .node
  stage: test
  script: [npm ci, npm test]
  artifacts: { paths: [coverage/], reports: { junit: junit.xml } }
`,
      onMain,
    );
    expect(config.error === undefined && config.jobs).toMatchObject([
      {
        name: "unit",
        stage: "test",
        image: "node:20",
        script: ["npm ci", "npm test"],
        artifactPaths: ["coverage/"],
        junit: "junit.xml",
      },
      { name: "deploy", stage: "deploy", when: "manual", allowFailure: true },
    ]);
  });

  it("leaves out jobs whose rules do not hold", () => {
    const source = `
test: { script: make }
release: { script: make, rules: [{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE != "push" }] }
tagged: { script: make, rules: [{ if: $CI_COMMIT_TAG =~ /^v/ }] }
only-main: { script: make, only: [main] }
`;
    const names = (variables: Record<string, string>): string[] => {
      const config = readCiConfig(source, variables);
      return config.error === undefined ? config.jobs.map((job) => job.name) : [];
    };
    expect(names(onMain)).toEqual(["test", "release", "only-main"]);
    expect(names({ CI_COMMIT_TAG: "v1.0", CI_COMMIT_REF_NAME: "v1.0", CI_DEFAULT_BRANCH: "main" })).toEqual([
      "test",
      "tagged",
    ]);
  });

  it.each([
    [
      "test: { stage: testing, script: make }",
      "test job: chosen stage testing does not exist; available stages are .pre, build, test, deploy, .post",
    ],
    ["test: { stage: test }", "jobs test config should implement the script:, run:, or trigger: keyword"],
    ["test: 3", "jobs:test config should be a hash"],
    ["- list", "Invalid configuration format"],
    [
      "test: { script: make, rules: [{ when: never }] }",
      "Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added to the pipeline.",
    ],
  ])("explains what is wrong with %s", (source, error) => {
    expect(readCiConfig(source, onMain)).toEqual({ error });
  });
});
