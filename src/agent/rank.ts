import type { ToolSpec } from './provider.ts';
import { likeness, wordsOf } from './words.ts';

/** A tool and how well it answers a question; more is better, and never 0. */
export interface Ranked<T> {
  readonly tool: T;
  readonly score: number;
}

/** How often a word in each place counts. */
const weights = { name: 4, parameters: 1, description: 1 } as const;
/** The usual constants of BM25: how soon more of a word counts no more, and how much length counts. */
const saturation = 1.2;
const lengthShare = 0.5;

interface Document<T> {
  readonly tool: T;
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

/**
 * The tools that a question in words may mean, best first, by BM25 over their names, descriptions and
 * parameters. The same tools and question always give the same order, whatever order they come in.
 */
export function rankTools<T extends ToolSpec>(tools: readonly T[], question: string): readonly Ranked<T>[] {
  const documents = tools.map(documentOf);
  const asked = [...new Set(wordsOf(question))];
  const meanLength = documents.reduce((sum, { length }) => sum + length, 0) / Math.max(1, documents.length);
  const known = [...new Set(documents.flatMap(({ counts }) => [...counts.keys()]))];
  const matches = asked.map((word) => matchesOf(word, known, documents));
  return documents
    .map((document) => ({
      tool: document.tool,
      score: matches.reduce((sum, match) => sum + scoreOf(document, match, meanLength), 0),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || compare(a.tool.name, b.tool.name));
}

/** The known words that a word of the question stands for, each with what it is worth. */
type Matches = ReadonlyMap<string, number>;

function matchesOf<T>(word: string, known: readonly string[], documents: readonly Document<T>[]): Matches {
  return new Map(
    known.flatMap((term) => {
      const share = likeness(word, term);
      return share === 0 ? [] : [[term, share * rarity(term, documents)] as const];
    }),
  );
}

function rarity<T>(term: string, documents: readonly Document<T>[]): number {
  const having = documents.filter(({ counts }) => counts.has(term)).length;
  return Math.log(1 + (documents.length - having + 0.5) / (having + 0.5));
}

function scoreOf<T>({ counts, length }: Document<T>, matches: Matches, meanLength: number): number {
  const norm = saturation * (1 - lengthShare + (lengthShare * length) / meanLength);
  let best = 0;
  for (const [term, worth] of matches) {
    const count = counts.get(term) ?? 0;
    best = Math.max(best, (worth * count * (saturation + 1)) / (count + norm));
  }
  return best;
}

function documentOf<T extends ToolSpec>(tool: T): Document<T> {
  const counts = new Map<string, number>();
  let length = 0;
  const add = (text: string, weight: number) => {
    for (const word of wordsOf(text)) {
      counts.set(word, (counts.get(word) ?? 0) + weight);
      length += weight;
    }
  };
  add(tool.name, weights.name);
  add(tool.description, weights.description);
  add(parameterNames(tool).join(' '), weights.parameters);
  return { tool, counts, length };
}

function parameterNames({ inputSchema }: ToolSpec): readonly string[] {
  const { properties } = inputSchema;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

/** The names most like one that there is not, the likest first: by the pairs of letters that they share; all of them when none is like it. */
export function nearestNames(names: readonly string[], name: string, most: number): readonly string[] {
  const asked = pairsOf(name);
  const scored = names.map((known) => ({ known, score: shared(asked, pairsOf(known)) }));
  const near = scored.filter(({ score }) => score >= leastShared);
  return (near.length > 0 ? near : scored)
    .sort((a, b) => b.score - a.score || compare(a.known, b.known))
    .slice(0, most)
    .map(({ known }) => known);
}

/** Below this, names have little more than their separators in common. */
const leastShared = 0.3;

function pairsOf(name: string): ReadonlySet<string> {
  const text = name.toLowerCase();
  return new Set(
    Array.from({ length: Math.max(0, text.length - 1) }, (_unused, at) => text.slice(at, at + 2)),
  );
}

/** Dice's coefficient: 0 to 1. */
function shared(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  return (2 * one.intersection(other).size) / Math.max(1, one.size + other.size);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
