/** Runs in a thread: the local embedding model, which blocks its thread for some milliseconds a text. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Tokenizer } from '@huggingface/tokenizers';
import { VOCABULARY_FILE } from './model-files.ts';
import { openModel } from './onnx.ts';

export interface ToThread {
  readonly id: number;
  readonly texts: readonly string[];
}

export type FromThread =
  | { readonly id: number; readonly vectors: readonly Float32Array[] }
  | { readonly id: number; readonly failure: string };

/** Tokens of a text, with those at its ends; the model was trained on texts of this length. */
const MAX_TOKENS = 128;
const DIMENSIONS = 384;
const SEPARATOR = 102;

let opened: Promise<(text: string) => Promise<Float32Array>> | undefined;

parentPort?.on('message', (message: ToThread) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  void answerTo(message).then((answer) => parentPort?.postMessage(answer));
});

async function answerTo({ id, texts }: ToThread): Promise<FromThread> {
  try {
    opened ??= openTexts((workerData as { readonly folder: string }).folder);
    const embed = await opened;
    const vectors: Float32Array[] = [];
    for (const text of texts) vectors.push(await embed(text));
    return { id, vectors };
  } catch (error) {
    opened = undefined; // installed meanwhile, perhaps
    return { id, failure: error instanceof Error ? error.message : String(error) };
  }
}

async function openTexts(folder: string): Promise<(text: string) => Promise<Float32Array>> {
  const model = await openModel(folder); // checks the vocabulary too
  const tokenizer = wordPieces(await readFile(path.join(folder, VOCABULARY_FILE), 'utf8'));
  return async (text) => {
    const { ids } = tokenizer.encode(text);
    const kept = ids.length > MAX_TOKENS ? [...ids.slice(0, MAX_TOKENS - 1), SEPARATOR] : ids;
    return meanOf(await model(kept));
  };
}

/** The tokenizer of BERT, without capital letters. */
function wordPieces(vocabulary: string): Tokenizer {
  const words = vocabulary.trimEnd().split('\n');
  const special = (name: string) => ({ [name]: { id: name, ids: [words.indexOf(name)], tokens: [name] } });
  const config = {
    version: '1.0',
    added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map((content) => ({
      id: words.indexOf(content),
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '[CLS]', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } },
      ],
      pair: [],
      special_tokens: { ...special('[CLS]'), ...special('[SEP]') },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(words.map((word, at) => [word, at])),
    },
  };
  return new Tokenizer(config, { do_lower_case: true });
}

/** The sum of the vectors of all tokens; the caller scales it to unit length. */
function meanOf(data: Float32Array): Float32Array {
  const sum = new Float32Array(DIMENSIONS);
  for (let start = 0; start < data.length; start += DIMENSIONS) {
    for (let at = 0; at < DIMENSIONS; at++) sum[at] = (sum[at] as number) + (data[start + at] as number);
  }
  return sum;
}
