/** Of so many runs of a property, those that every `npm test` has time for: the first fifth. `test:long` has it for all. */
export const runs = (all: number): number => (process.env["TEST_LONG"] === undefined ? Math.ceil(all / 5) : all);
