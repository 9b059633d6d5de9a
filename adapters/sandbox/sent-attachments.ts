/** The sandbox does not show the files of attachments, so their content travels with the call. */
import { readFile } from 'node:fs/promises';
import type { ToChild } from '../skill-host/protocol.ts';
import { SANDBOX_FOLDER } from './sandbox.ts';

/** All attachments are in memory then, so call it only when the call has a process. */
export async function withContent<Message extends ToChild>(message: Message): Promise<Message> {
  if (message.type !== 'call' || message.attachments === undefined) return message;
  const attachments = await Promise.all(
    message.attachments.map(async ({ ref, file }) => ({
      ref,
      file: `${SANDBOX_FOLDER}/${ref.id}`,
      data: await readFile(file, 'base64'),
    })),
  );
  return { ...message, attachments };
}
