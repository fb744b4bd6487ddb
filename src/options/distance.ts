/**
 * How many letters have to be added, taken away or replaced to make one word of the other (Levenshtein), by a row of the
 * matrix at a time: https://en.wikipedia.org/wiki/Levenshtein_distance#Iterative_with_two_matrix_rows
 */
export function distance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const [corner = 0, top = 0] = above.slice(column - 1, column + 1);
      const left = current[column - 1] ?? 0;
      current.push(one[row - 1] === other[column - 1] ? corner : 1 + Math.min(corner, top, left));
    }
    above = current;
  }
  return above[other.length] ?? 0;
}
