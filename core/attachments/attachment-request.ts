/** Checks the attachments of a delivery before any of them is decoded. */
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { base64Bytes, isBase64 } from '../values/base64.ts';
import type { NewAttachment } from './attachment.ts';
import { CONTENT_TYPES } from './content-type.ts';
import { FILE_NAME_RULE, isFileName } from './file-name.ts';

export interface AttachmentLimits {
  readonly attachmentMaxSizeBytes: number;
  readonly attachmentMaxCount: number;
}

/** Throws `attachment_invalid` or `attachment_too_large` with the field. Null and an empty list are none. */
export function parseAttachments(
  value: JsonValue | undefined,
  limits: AttachmentLimits,
): readonly NewAttachment[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid('attachments', 'a list of attachments');
  const list = value as readonly JsonValue[];
  const { attachmentMaxCount: max } = limits;
  if (list.length > max) throw invalid('attachments', `at most ${max} attachments, got ${list.length}`);
  return list.map((each, index) => parseAttachment(each, `attachments[${index}]`, limits));
}

const FIELDS = new Set(['filename', 'name', 'content_type', 'type', 'data']);

function parseAttachment(value: JsonValue, place: string, limits: AttachmentLimits): NewAttachment {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(place, 'an object with filename, content_type and data');
  }
  const given = value as JsonObject;
  const unknown = Object.keys(given).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) throw invalid(place, `no field ${quote(unknown)}`);
  const filename = textIn(given, ['filename', 'name'], place);
  if (!isFileName(filename)) throw invalid(`${place}.filename ${quote(filename)}`, FILE_NAME_RULE);
  const contentType = textIn(given, ['content_type', 'type'], place).toLowerCase();
  if (!CONTENT_TYPES.includes(contentType)) {
    throw invalid(`${place}.content_type ${quote(contentType)}`, `one of ${CONTENT_TYPES.join(', ')}`);
  }
  const data = textIn(given, ['data'], place);
  if (data === '' || !isBase64(data)) {
    throw invalid(`${place}.data`, 'base64 with padding and without blanks or line ends, at least one byte');
  }
  return { filename, contentType, data, sizeBytes: sizeIn(data, place, limits) };
}

function sizeIn(data: string, place: string, { attachmentMaxSizeBytes: max }: AttachmentLimits): number {
  const size = base64Bytes(data);
  if (size <= max) return size;
  throw new SkillosError(
    'attachment_too_large',
    `Invalid ${place}.data: expected at most ${max} bytes, got ${size}`,
  );
}

/** The second name is an alias of the first. */
function textIn(given: JsonObject, names: readonly string[], place: string): string {
  const found = names.filter((name) => given[name] !== undefined);
  const value = given[found[0] ?? ''];
  if (found.length > 1) throw invalid(place, `one of ${found.join(' and ')}`);
  if (typeof value !== 'string') throw invalid(`${place}.${names[0]}`, 'a text');
  return value;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

function invalid(what: string, expected: string): SkillosError {
  return new SkillosError('attachment_invalid', `Invalid ${what}: expected ${expected}`);
}
