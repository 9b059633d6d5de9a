/** What `skillos doctor` looks at if routing asks an embedding model. */
import { ERROR_CODES } from '../../core/errors/error-codes.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { Config, Environment } from '../../core/settings/config.ts';
import type { Check, Problem } from '../../core/telemetry/diagnosis.ts';
import { openEmbedder } from '../embeddings/open.ts';

/** Within the time of the whole report; a model that takes longer serves no query. */
const TIMEOUT_MS = 1_500;

/** No check if routing goes by words alone. */
export function embeddingChecks(config: Config, env: Environment): readonly Check[] {
  const isOff = config.embeddings === 'off' || (config.embeddings ?? config.embeddingsUrl) === undefined;
  return isOff ? [] : [{ name: 'embeddings', run: () => embeddings(config, env) }];
}

/** The local model is checked by its files and by loading its library, because a session takes a second to open; a server embeds one word. */
async function embeddings(config: Config, env: Environment): Promise<readonly Problem[]> {
  try {
    if (config.embeddings === 'local') await checkLocal(config, env);
    else await (await openEmbedder(config, env))?.embed(['ready'], AbortSignal.timeout(TIMEOUT_MS));
    return [];
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    const message = `Routing goes by words alone. ${error.message}`;
    return [{ message, remedy: error.hint ?? ERROR_CODES.embeddings_failed.remedy }];
  }
}

async function checkLocal(config: Config, env: Environment): Promise<void> {
  const [{ modelFiles, modelFolder, modelsFolder, readModelFile, runtimeOf }, { loadLibrary }] =
    await Promise.all([import('../embeddings/model-files.ts'), import('../embeddings/onnx.ts')]);
  const folder = modelFolder(config, env);
  const runtime = runtimeOf(modelsFolder(config, env));
  for (const file of modelFiles(runtime)) await readModelFile(folder, file);
  if (runtime === 'library') loadLibrary(folder);
}
