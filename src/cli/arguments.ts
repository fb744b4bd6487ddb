import { InvalidArgumentError } from "commander";

/** What options take, beside words. */
export function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number <= 0) throw new InvalidArgumentError("Give a whole number above 0.");
  return number;
}

export function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new InvalidArgumentError("Give a port number.");
  return number;
}
