/** The contents of deployments as blobs. */
import { Buffer } from 'node:buffer';
import { contentText, readContent } from '../../core/deployments/content.ts';
import type { DeploymentContents } from '../../core/deployments/content.ts';
import type { Blobs } from '../../core/storage/blobs.ts';

export function openContents(blobs: Blobs): DeploymentContents {
  return {
    put: (content) => blobs.put(Buffer.from(contentText(content))),
    get: async (id) => readContent(id, new TextDecoder().decode(await blobs.get(id))),
  };
}
