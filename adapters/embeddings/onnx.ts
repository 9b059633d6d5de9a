/** The ONNX runtime with the local model, as a library of this machine or in WebAssembly. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { SkillosError } from '../../core/errors/errors.ts';
import { LIBRARY_FILE, WASM_FILE, WASM_SCRIPT, modelFiles, readModelFile } from './model-files.ts';

/** Resolves to the vectors of all tokens, one after another. */
export type Model = (tokens: readonly number[]) => Promise<Float32Array>;

/** What is used of `onnxruntime-web`. */
interface WebRuntime {
  readonly env: { readonly wasm: { numThreads: number; wasmBinary?: Uint8Array } };
  readonly Tensor: TensorClass;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<WebSession> };
}

interface WebSession {
  run(inputs: Tensors): Promise<Outputs>;
}

/** What is used of the binding of `onnxruntime-node`, whose own JavaScript is not needed. */
interface NodeBinding {
  initOrtOnce(logLevel: number, tensor: TensorClass, isMainThread: boolean): void;
  readonly InferenceSession: new () => NodeSession;
}

interface NodeSession {
  loadModel(model: ArrayBufferLike, start: number, length: number, options: object): void;
  run(inputs: Tensors, outputs: Readonly<Record<string, null>>, options: object): Outputs;
}

type TensorClass = new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => object;
type Tensors = Readonly<Record<string, object>>;
type Outputs = Readonly<Record<string, { readonly data: Float32Array }>>;

const OUTPUT = 'last_hidden_state';
const ERRORS_ONLY = 3;
/** More threads gain little with so small a model. */
const MAX_THREADS = 2;
/**
 * The threads wait for each other more than a hundred times in a run, mostly for microseconds. To sleep each time costs
 * what the second thread gains; to wait awake for longer takes the processor from others. They sleep between runs.
 */
const SHORT_WAITS = {
  force_spinning_stop: '1',
  intra_op: { allow_spinning: '1', spin_duration_us: '30' },
};

/** Rejects with `embeddings_failed` if a file is missing or differs, or the library does not load; all are checked before one of them is used. */
export async function openModel(folder: string): Promise<Model> {
  const runtime = existsSync(path.join(folder, LIBRARY_FILE)) ? 'library' : 'wasm';
  const files = modelFiles(runtime);
  const contents = await Promise.all(files.map((file) => readModelFile(folder, file)));
  const [model] = contents as [Uint8Array, ...Uint8Array[]];
  if (runtime === 'library') return openLibrary(folder, model);
  return openWasm(folder, { model, wasm: contents[files.findIndex(({ name }) => name === WASM_FILE)] });
}

/** Loads the library of the folder into this process, without the model. Throws `embeddings_failed` with the reason of the system. */
export function loadLibrary(folder: string): NodeBinding {
  try {
    const file = path.resolve(folder, LIBRARY_FILE);
    return createRequire(file)(file) as NodeBinding;
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const shown = reason.replaceAll(`${folder}${path.sep}`, '');
    throw new SkillosError(
      'embeddings_failed',
      `The library of the local embedding model cannot be loaded: ${shown}`,
      {
        cause: error,
        hint: 'skillos models install takes WebAssembly instead; to keep the library, set SKILLOS_CACHE_DIR to a folder on a disk that is not mounted noexec, or install the system library that the reason names as missing',
      },
    );
  }
}

function openLibrary(folder: string, model: Uint8Array): Model {
  const binding = loadLibrary(folder);
  binding.initOrtOnce(ERRORS_ONLY, NodeTensor, false);
  const session = new binding.InferenceSession();
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
    intraOpNumThreads: Math.min(MAX_THREADS, availableParallelism()),
    interOpNumThreads: 1,
    extra: { session: SHORT_WAITS },
  });
  return async (tokens) => {
    const outputs = session.run(inputsOf(tokens, NodeTensor), { [OUTPUT]: null }, {});
    return (outputs[OUTPUT] as Outputs[string]).data;
  };
}

/** The fields that the binding reads and sets. */
class NodeTensor {
  readonly location = 'cpu';
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];

  constructor(type: string, data: unknown, dims: readonly number[]) {
    this.type = type;
    this.data = data;
    this.dims = dims;
  }
}

async function openWasm(
  folder: string,
  { model, wasm }: { readonly model: Uint8Array; readonly wasm: Uint8Array | undefined },
): Promise<Model> {
  const runtime = (await import(pathToFileURL(path.join(folder, WASM_SCRIPT)).href)) as WebRuntime;
  Object.assign(runtime.env.wasm, { numThreads: 1, wasmBinary: wasm });
  const session = await runtime.InferenceSession.create(model, { executionProviders: ['wasm'] });
  return async (tokens) => {
    const outputs = await session.run(inputsOf(tokens, runtime.Tensor));
    return (outputs[OUTPUT] as Outputs[string]).data;
  };
}

function inputsOf(tokens: readonly number[], Tensor: TensorClass): Tensors {
  const tensor = (values: readonly number[]) =>
    new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
  return {
    input_ids: tensor(tokens),
    attention_mask: tensor(tokens.map(() => 1)),
    token_type_ids: tensor(tokens.map(() => 0)),
  };
}
