import type { ToolData } from "../tools/registry-types.js";

/** A test that failed, as its job reported it. */
export interface FailedTest {
  readonly name: string;
  readonly job: string;
  readonly file?: string;
  /** What it said. */
  readonly output: string;
}

/** The failed cases of a test report, in its order. */
export function failedTests({ test_suites }: ToolData<"gitlab_pipeline_test_report_get">): FailedTest[] {
  return (test_suites ?? []).flatMap(({ name: job, test_cases }) =>
    (test_cases ?? [])
      .filter(({ status }) => status === "failed" || status === "error")
      .map((one): FailedTest => {
        const { name, classname, file, system_output, stack_trace } = one;
        const said: unknown = system_output ?? stack_trace;
        const full = classname && classname !== job ? `${classname}: ${name ?? ""}` : (name ?? "");
        return {
          name: full,
          job: job ?? "",
          ...(file && { file }),
          // Some reports have a hash here.
          output: typeof said === "string" ? said : said === undefined || said === null ? "" : JSON.stringify(said),
        };
      }),
  );
}
