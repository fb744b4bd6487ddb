import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Pair,
  type ParsedNode,
  type YAMLMap,
} from "yaml";
import { ProblemsError, type Problem } from "./problem.js";

export type Path = readonly (string | number)[];

/** What aliases may unfold to: far above any honest document, far below a decompression bomb. */
const maxAliasCount = 10_000;

/** A YAML (or JSON) text that remembers where everything stands in it. */
export class YamlSource {
  readonly file: string;
  readonly value: unknown;
  readonly #document: Document.Parsed<ParsedNode>;
  readonly #lines = new LineCounter();
  readonly #known = new WeakMap<YAMLMap, Map<string, Pair>>();

  /** @throws {ProblemsError} when the text is not YAML, with line and column. */
  constructor(file: string, text: string) {
    this.file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: "silent" });
    const problems = this.#document.errors.map((error): Problem => {
      const reason = error.message.split("\n")[0] ?? "";
      return { file, ...this.#at(error.pos[0]), message: `is not YAML: ${reason}` };
    });
    if (problems.length > 0) throw new ProblemsError(problems);
    try {
      this.value = this.#document.toJS({ maxAliasCount });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ProblemsError([{ file, line: 1, column: 1, message: `is not usable YAML: ${reason}` }], { cause });
    }
  }

  /** Where the value at `path` stands, or its key; the nearest thing around it where there is no such value. */
  place(path: Path, part: "key" | "value" = "value"): { file: string; line: number; column: number } {
    let node: unknown = this.#document.contents;
    let offset = offsetOf(node) ?? 0;
    for (const [index, segment] of path.entries()) {
      const last = index === path.length - 1;
      if (isMap(node)) {
        const pair = this.#pairs(node).get(String(segment));
        if (pair === undefined) break;
        offset = offsetOf(pair.key) ?? offset;
        node = pair.value;
        if (last && part === "key") break;
        // A block value stands on the lines below its key: the key is the better place to send somebody to.
        if (isScalar(node) || (last && isSeq(node) && node.flow === true)) offset = offsetOf(node) ?? offset;
      } else if (isSeq(node)) {
        node = node.items[Number(segment)];
        if (node === undefined) break;
        offset = offsetOf(node) ?? offset;
      } else break;
    }
    return { file: this.file, ...this.#at(offset) };
  }

  /** A problem at a place of this source. */
  problem(path: Path, message: string, part: "key" | "value" = "value"): Problem {
    return { ...this.place(path, part), message };
  }

  /** The pairs of a mapping by key, looked through once however many places are asked for. */
  #pairs(map: YAMLMap): ReadonlyMap<string, Pair> {
    let pairs = this.#known.get(map);
    if (!pairs) {
      pairs = new Map(map.items.map((pair) => [String(isScalar(pair.key) ? pair.key.value : pair.key), pair]));
      this.#known.set(map, pairs);
    }
    return pairs;
  }

  #at(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

function offsetOf(node: unknown): number | undefined {
  return (isScalar(node) || isMap(node) || isSeq(node)) && node.range ? node.range[0] : undefined;
}
