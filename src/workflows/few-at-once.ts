/** Does work on each item, `most` of them at once, and brings the results back in the items' order. */
export async function fewAtOnce<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const walk = async (): Promise<void> => {
    // Whoever is free takes the next one.
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: most }, walk));
  return results;
}
