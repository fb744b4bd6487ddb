/** How many go on at once before the event loop has a turn of its own. */
const mostAtOnce = 8;

/**
 * Lets the event loop breathe when very many begin at once: SQLite reads, and accounts are decrypted, within a turn of
 * the loop, and a thousand in one turn hold up everything else. The first few of a turn do not wait.
 */
export function createTurns(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  let begun = 0;
  let scheduled = false;

  function next(): void {
    scheduled = false;
    begun = 0;
    for (const go of waiting.splice(0, mostAtOnce)) {
      begun += 1;
      go();
    }
    if (begun > 0) schedule();
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(next);
  }

  return async () => {
    schedule();
    if (begun < mostAtOnce && waiting.length === 0) {
      begun += 1;
      return;
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
}
