/** A line at the bottom of the terminal while a command takes longer than a second. */

/** Calls a function every second until it is stopped. */
export type EverySecond = (tick: () => void) => () => void;

const everySecond: EverySecond = (tick) => {
  const timer = setInterval(tick, 1_000);
  timer.unref();
  return () => clearInterval(timer);
};

let [shown, paused, seconds] = [false, false, 0];

/** Says that work is under way, and for how long, from the second second on. To stderr, and only on a terminal. */
export function startBusy(what: string, schedule: EverySecond = everySecond): () => void {
  [shown, paused, seconds] = [false, false, 0];
  if (!process.stderr.isTTY) return () => undefined;
  const stop = schedule(() => {
    seconds += 1;
    if (paused) return;
    clearBusy();
    process.stderr.write(`\u001b[2m${what} … ${seconds} s\u001b[22m`);
    shown = true;
  });
  return () => {
    stop();
    clearBusy();
    paused = true;
  };
}

/** Takes the line away, before anything else is written. */
export function clearBusy(): void {
  if (!shown) return;
  process.stderr.write("\r\u001b[K");
  shown = false;
}

/** Takes the line away for good: the person is asked something, or the command runs until it is stopped. */
export function pauseBusy(): void {
  clearBusy();
  paused = true;
}
