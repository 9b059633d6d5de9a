/** Runs in the skill process: `ctx.attachments`. */
import { existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { LocalAttachment } from '../../core/attachments/attachment.ts';
import type { SkillAttachments } from '../../core/skill-api.ts';

export function skillAttachments(attachments: readonly LocalAttachment[] = []): SkillAttachments {
  const known = new Map(attachments.map((attachment) => [attachment.ref.id, attachment]));
  const fileOf = (id: string): string => {
    const found = known.get(id);
    if (found !== undefined) return present(found);
    const error = new Error(`The run has no attachment ${JSON.stringify(id)}`);
    error.name = 'AttachmentNotFound';
    throw error;
  };
  return Object.freeze({
    list: () => attachments.map(({ ref }) => ref),
    read: async (id: string) => new Uint8Array(await readFile(fileOf(id))),
    path: fileOf,
  });
}

/** Makes the file if the content came with the call. */
function present({ file, data }: LocalAttachment): string {
  if (data !== undefined && !existsSync(file)) writeFileSync(file, data, 'base64');
  return file;
}
