/** Who can read what lies somewhere: https://docs.gitlab.com/user/public_access/ */
export type Audience = "private" | "internal" | "public";

/** From few to all. */
const audiences: readonly Audience[] = ["private", "internal", "public"];

export const isAudience = (value: unknown): value is Audience => audiences.some((one) => one === value);

const isWider = (one: Audience, other: Audience): boolean => audiences.indexOf(one) > audiences.indexOf(other);

/** Who could read what is written to all of these places: what cannot be found out is public. */
export const widest = (places: readonly (Audience | undefined)[]): Audience =>
  places.reduce<Audience>((most, one = "public") => (isWider(one, most) ? one : most), "private");

/** What was read in a conversation and not everybody can read. */
export interface Reading {
  readonly audience: Audience;
  /** Where, as `project 7`; the first few. */
  readonly places: readonly string[];
}

/** What was read of one place: what cannot be found out is private. */
export interface ReadPlace {
  readonly name: string;
  readonly audience: Audience | undefined;
}

const mostNamed = 5;

/** What was read before and now. */
export function readTogether(known: Reading | undefined, now: readonly ReadPlace[]): Reading | undefined {
  return now.reduce<Reading | undefined>((all, { name, audience = "private" }) => {
    if (audience === "public" || (all && isWider(audience, all.audience))) return all;
    if (!all || isWider(all.audience, audience)) return { audience, places: [name] };
    return all.places.length >= mostNamed || all.places.includes(name)
      ? all
      : { ...all, places: [...all.places, name] };
  }, known);
}

/** A write that could show to more people what fewer can read. */
export interface Revealing {
  /** Where it was read, as `project 7`. */
  readonly from: readonly string[];
  /** Who could read it then. */
  readonly to: Audience;
}

export const revealed = (read: Reading | undefined, to: Audience): Revealing | undefined =>
  read && isWider(to, read.audience) ? { from: read.places, to } : undefined;
