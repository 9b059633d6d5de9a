/** Runs in the skill process: `ctx.attachments`. */
import { readFile } from 'node:fs/promises';
import type { LocalAttachment } from '../../core/attachments/attachment.ts';
import type { SkillAttachments } from '../../core/skill-api.ts';

export function skillAttachments(attachments: readonly LocalAttachment[] = []): SkillAttachments {
  const files = new Map(attachments.map(({ ref, file }) => [ref.id, file]));
  const fileOf = (id: string): string => {
    const file = files.get(id);
    if (file !== undefined) return file;
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
