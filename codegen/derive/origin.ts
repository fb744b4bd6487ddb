/** A derived value, and the rule that gave it. */
export interface Derived<Value> {
  readonly value: Value;
  readonly rule: string;
}

/** Where a tool's value comes from: a rule, or a line of the manifest. */
export type Origin = Readonly<{ from: "derived"; rule: string } | { from: "manifest"; place: string }>;
