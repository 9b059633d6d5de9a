/** The content type of a file by its first bytes. */

/** Resolves to undefined if they are those of no known type. */
export async function detectType(bytes: Uint8Array): Promise<string | undefined> {
  const { fileTypeFromBuffer } = await import('file-type');
  return (await fileTypeFromBuffer(bytes))?.mime;
}
