/** An embedder whose vectors count words: texts with the same words are similar. */
import { unitVector } from '../../core/routing/embedder.ts';
import type { Embedder } from '../../core/routing/embedder.ts';

const DIMENSIONS = 64;

export function wordVector(text: string): readonly number[] {
  const vector = Array.from({ length: DIMENSIONS }, () => 0.01);
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    let hash = 7;
    for (const letter of word) hash = (hash * 31 + letter.charCodeAt(0)) % DIMENSIONS;
    vector[hash] = (vector[hash] ?? 0) + 1;
  }
  return vector;
}

/** `asked` receives each call. */
export function wordEmbedder(asked: (readonly string[])[] = [], more: Partial<Embedder> = {}): Embedder {
  return {
    id: 'words',
    maxTexts: 4,
    embed: async (texts) => {
      asked.push(texts);
      return texts.map((text) => unitVector(wordVector(text)) as Float32Array);
    },
    ...more,
  };
}
