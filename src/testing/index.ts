/**
 * A GitLab to test against: `createGitLabEmulator()` starts one in this process.
 *
 * @packageDocumentation
 */
export type { EmulatorHooks, HookDelivery, NewHook } from "./hooks/hooks.js";
export { accountStoreChecks, type AccountStoreCheck } from "../stores/account-store-checks.js";
export { createGitLabEmulator } from "./emulator.js";
export type { JobRun, RunOptions } from "./ci/pipeline-engine.js";
export type { TestCase } from "./state/pipeline-records.js";
export type { EmulatorOptions, GitLabEmulator } from "./emulator-types.js";
export type { ApplicationOptions } from "./oauth/authority.js";
export type { GrantAttempt } from "./oauth/records.js";
export type { PersonalTokenOptions } from "./resources/users/personal-tokens.js";
export type { GranularScopeRecord, Plan, UserRecord } from "./state/records.js";
export type { DeclaredHandler, EmulatorAnswer, EmulatorHandler, EmulatorRequest } from "./server/custom-answers.js";
export type { Fault, FaultHandle, Faults } from "./server/faults.js";
export type { Conditions } from "./server/conditions.js";
export type { EmulatorClock } from "./state/clock.js";
export type { EmulatorSeed, SeedIssue, SeedMergeRequest, SeedNote, SeedProject } from "./seed/emulator-seed.js";
export type { RateLimit } from "./server/rate-limit.js";
export type { RecordedRequest } from "./server/recording.js";
export type { UserOptions } from "./resources/users/user-accounts.js";
export type { GitLabState } from "./state/gitlab-state.js";
