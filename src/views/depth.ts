/** Nothing of GitLab's is nested more deeply, nor what is sent to it. */
const mostDepth = 200;

/** @throws {RangeError} for data that is nested without end */
export function checkDepth(depth: number): void {
  if (depth > mostDepth) throw new RangeError("The data is nested too deeply");
}
