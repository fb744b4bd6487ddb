/** The CI configuration of the seeded project. */
export const seedCiConfig = `stages:
  - build
  - test
  - deploy

default:
  image: node:20-alpine

variables:
  NODE_ENV: test

build:
  stage: build
  script:
    - npm ci
    - npm run build
  artifacts:
    paths:
      - dist/
    expire_in: 1 week

lint:
  stage: test
  script:
    - npm run lint
  allow_failure: true

unit tests:
  stage: test
  script:
    - npm test -- --coverage
  coverage: '/Lines\\s*:\\s*(\\d+\\.?\\d*)%/'
  artifacts:
    when: always
    paths:
      - coverage/
    reports:
      junit: junit.xml

deploy to staging:
  stage: deploy
  script:
    - ./scripts/deploy.sh staging
  rules:
    - if: $CI_COMMIT_BRANCH == "main"

deploy to production:
  stage: deploy
  script:
    - ./scripts/deploy.sh production
  rules:
    - if: $CI_COMMIT_BRANCH == "main"
      when: manual
      allow_failure: true
`;

/** What its text says, so that YAML is read only where somebody writes a configuration of their own. */
export const seedCiConfigRead = {
  stages: ["build", "test", "deploy"],
  default: { image: "node:20-alpine" },
  variables: { NODE_ENV: "test" },
  build: {
    stage: "build",
    script: ["npm ci", "npm run build"],
    artifacts: { paths: ["dist/"], expire_in: "1 week" },
  },
  lint: { stage: "test", script: ["npm run lint"], allow_failure: true },
  "unit tests": {
    stage: "test",
    script: ["npm test -- --coverage"],
    coverage: "/Lines\\s*:\\s*(\\d+\\.?\\d*)%/",
    artifacts: { when: "always", paths: ["coverage/"], reports: { junit: "junit.xml" } },
  },
  "deploy to staging": {
    stage: "deploy",
    script: ["./scripts/deploy.sh staging"],
    rules: [{ if: '$CI_COMMIT_BRANCH == "main"' }],
  },
  "deploy to production": {
    stage: "deploy",
    script: ["./scripts/deploy.sh production"],
    rules: [{ if: '$CI_COMMIT_BRANCH == "main"', when: "manual", allow_failure: true }],
  },
};
