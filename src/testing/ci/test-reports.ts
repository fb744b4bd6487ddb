import type { JobRecord, PipelineRecord, TestCase } from "../state/pipeline-records.js";

type Entity = Readonly<Record<string, unknown>>;

/** The jobs of a pipeline that have left a test report. */
export const suitesOf = (pipeline: PipelineRecord): JobRecord[] =>
  pipeline.jobs.filter((job) => !job.retried && job.junit !== null && job.finishedAt !== null);

/** Of a job that does not say what it tested: four cases, one of them failed where the job has. */
const someCases = ({ name, status }: JobRecord): TestCase[] =>
  [1, 2, 3, 4].map((number) => {
    const about = { name: `case ${String(number)}`, classname: name };
    return number === 1 && status === "failed"
      ? { ...about, status: "failed", output: "expected true, got false" }
      : { ...about, status: "success" };
  });

/** The cases that a job reports. */
export const casesOf = (job: JobRecord): readonly TestCase[] => job.tests ?? someCases(job);

const seconds = (job: JobRecord): number => ((job.finishedAt?.getTime() ?? 0) - (job.startedAt?.getTime() ?? 0)) / 1000;

/** How many there are of each kind. */
export function countsOf(cases: readonly TestCase[]): Record<"total" | TestCase["status"], number> {
  const of = (status: TestCase["status"]): number => cases.filter((one) => one.status === status).length;
  return {
    total: cases.length,
    success: of("success"),
    failed: of("failed"),
    skipped: of("skipped"),
    error: of("error"),
  };
}

function suiteCounts(cases: readonly TestCase[]): Entity {
  const { total, success, failed, skipped, error } = countsOf(cases);
  return {
    total_count: total,
    success_count: success,
    failed_count: failed,
    skipped_count: skipped,
    error_count: error,
  };
}

const timeOf = (suites: readonly JobRecord[]): number => suites.reduce((sum, job) => sum + seconds(job), 0);

/** Every case of a pipeline, suite by suite, as https://docs.gitlab.com/api/pipelines/#retrieve-a-test-report-for-a-pipeline has it. */
export function testReport(pipeline: PipelineRecord): Entity {
  const suites = suitesOf(pipeline);
  return {
    total_time: timeOf(suites),
    ...suiteCounts(suites.flatMap(casesOf)),
    test_suites: suites.map((job) => {
      const cases = casesOf(job);
      return {
        name: job.name,
        total_time: seconds(job),
        ...suiteCounts(cases),
        suite_error: null,
        test_cases: cases.map((one) => ({
          status: one.status,
          name: one.name,
          classname: one.classname ?? job.name,
          file: one.file ?? null,
          execution_time: seconds(job) / cases.length,
          system_output: one.output ?? null,
          stack_trace: null,
          recent_failures: null,
          attachment_url: null,
        })),
      };
    }),
  };
}

/** Only how many. */
export function testReportSummary(pipeline: PipelineRecord): Entity {
  const suites = suitesOf(pipeline);
  const { total, success, failed, skipped, error } = countsOf(suites.flatMap(casesOf));
  return {
    total: { time: timeOf(suites), count: total, success, failed, skipped, error, suite_error: null },
    test_suites: suites.map((job) => ({
      name: job.name,
      total_time: seconds(job),
      ...suiteCounts(casesOf(job)),
      build_ids: [job.id],
      suite_error: null,
    })),
  };
}
