/** The emulator's clock: every date, expiry and limit reads it. A test moves it instead of waiting. */
export class EmulatorClock {
  #ahead = 0;

  constructor(private readonly source: () => Date) {}

  readonly now = (): Date => new Date(this.source().getTime() + this.#ahead);

  /** Moves the clock on, by seconds. */
  advance(seconds: number): void {
    this.#ahead += seconds * 1000;
  }

  /** Sets the clock; it runs on from there. */
  set(moment: Date): void {
    this.#ahead = moment.getTime() - this.source().getTime();
  }
}
