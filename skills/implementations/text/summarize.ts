/** Extractive summary: the sentences that carry the words the text speaks of most, in their own order. */
import { PermanentError } from 'skillos';
import { stemOf, wordsOf } from '../language/words.ts';
import stopWords from './data/stop-words.json' with { type: 'json' };

export interface SummaryRequest {
  /** The text, also behind an order such as `Summarise in 2 sentences: …`. */
  readonly query?: string;
  readonly text?: string;
  readonly sentences?: number;
}

interface Sentence {
  readonly text: string;
  readonly stems: readonly string[];
}

const STOP_WORDS = new Set(Object.values(stopWords).flatMap((words) => words.split(' ')));
const DEFAULT_SENTENCES = 3;
const ORDER =
  /^[^\n:]{0,80}?(?:summ?ar\p{L}+|tl;?dr|shorten|резюм\p{L}+|кратк\p{L}+|коротк\p{L}+|стисл\p{L}+|перескаж\p{L}+|перекаж\p{L}+|fass\p{L}*|zusammen\p{L}+)[^\n:]{0,80}:\s*/iu;

export function run(request: SummaryRequest): string {
  const said = request.query ?? '';
  const order = ORDER.exec(said)?.[0] ?? '';
  const sentences = sentencesOf(request.text ?? said.slice(order.length));
  if (sentences.length === 0) throw new PermanentError('Expected a text to summarise, got none');
  const wanted = request.sentences ?? Number(/\d{1,2}/.exec(order)?.[0] ?? DEFAULT_SENTENCES);
  return best(sentences, Math.max(1, wanted))
    .map(({ text }) => text)
    .join(' ');
}

function sentencesOf(text: string): readonly Sentence[] {
  const paragraphs = text.split(/\n\s*\n/);
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });
  return paragraphs
    .flatMap((paragraph) => Array.from(segmenter.segment(paragraph.replaceAll(/\s+/g, ' '))))
    .map(({ segment }) => ({ text: segment.trim(), stems: stemsOf(segment) }))
    .filter((sentence) => sentence.text !== '');
}

function best(sentences: readonly Sentence[], count: number): readonly Sentence[] {
  const weights = weightsOf(sentences);
  const scores = new Map(
    sentences.map((sentence, at) => [sentence, scoreOf(sentence, weights) + (at === 0 ? 0.2 : 0)]),
  );
  const chosen = new Set(
    [...sentences].sort((a, b) => (scores.get(b) ?? 0) - (scores.get(a) ?? 0)).slice(0, count),
  );
  return sentences.filter((sentence) => chosen.has(sentence));
}

/** How much of the text is about each stem, from 0 to 1; what is said once tells nothing. */
function weightsOf(sentences: readonly Sentence[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const stem of sentences.flatMap(({ stems }) => [...new Set(stems)])) {
    counts.set(stem, (counts.get(stem) ?? 0) + 1);
  }
  const most = Math.max(...counts.values(), 1);
  return new Map([...counts].filter(([, count]) => count > 1).map(([stem, count]) => [stem, count / most]));
}

/** Mean weight, damped so that neither a two-word nor an endless sentence wins by its length. */
function scoreOf({ stems }: Sentence, weights: ReadonlyMap<string, number>): number {
  const sum = [...new Set(stems)].reduce((total, stem) => total + (weights.get(stem) ?? 0), 0);
  return sum / Math.max(4, stems.length) ** 0.7;
}

function stemsOf(text: string): readonly string[] {
  return wordsOf(text)
    .map(({ folded }) => folded)
    .filter((word) => word.length > 2 && !STOP_WORDS.has(word))
    .map(stemOf);
}
