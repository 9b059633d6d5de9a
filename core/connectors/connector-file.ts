/** Reads the definitions of connectors, each from a file of its own below connectors/. */
import * as z from 'zod';
import { SkillosError } from '../errors/errors.ts';
import type { Finding } from '../skills/catalog.ts';
import { findingOf, sortFindings } from '../skills/validation.ts';
import type { ManifestDocument } from '../skills/validation.ts';
import type { ConnectorSpec } from './connector.ts';
import { headerName, headerValue, headersWith } from './http/header.ts';

export const CONNECTOR_FOLDER = 'connectors';
const CONNECTOR_ID_RULE = '1 to 63 of a-z 0-9 _ -, beginning with a letter or digit';

const ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const SECRET = /^secret:[A-Za-z0-9][A-Za-z0-9_. -]{0,127}$/;
/** Only a whole text is a reference, so that `Bearer secret:KEY` would be sent as it stands. */
const SECRET_INSIDE = /[^\w]secret:\w/;
const DEFAULT_TIMEOUT_SECONDS = 10;
const MAX_TIMEOUT_SECONDS = 600;
const MAX_REDIRECTS = 10;

function isConnectorId(text: string): boolean {
  return ID.test(text);
}

/** Throws `usage` if no connector can have this id. */
export function assertConnectorId(text: string): void {
  if (isConnectorId(text)) return;
  throw new SkillosError(
    'usage',
    `Invalid id of a connector ${JSON.stringify(text)}: expected ${CONNECTOR_ID_RULE}`,
  );
}

const id = z.string().refine(isConnectorId, `expected ${CONNECTOR_ID_RULE}`);
const secretText = headerValue
  .min(1)
  .max(4096)
  .refine((text) => !text.startsWith('secret:') || SECRET.test(text), 'expected a key after secret:')
  .refine((text) => !SECRET_INSIDE.test(text), 'expected secret:KEY without text before it');
const baseUrl = z
  .string()
  .max(2048)
  .refine(isBaseUrl, 'expected http://host or https://host, with a path at most')
  .transform((text) => new URL(text).href.replace(/\/+$/, ''));
const timeout = z.number().min(0.001).max(MAX_TIMEOUT_SECONDS).default(DEFAULT_TIMEOUT_SECONDS);

const auth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('bearer'), token: secretText }),
  z.strictObject({ type: z.literal('basic'), username: secretText, password: secretText }),
  z.strictObject({
    type: z.literal('header'),
    header: headerName,
    value: secretText,
  }),
]);

const http = z
  .strictObject({
    id,
    type: z.literal('http'),
    base_url: baseUrl,
    headers: headersWith(secretText).default({}),
    auth: auth.nullish(),
    timeout_seconds: timeout,
    rate_limit_per_minute: z.int().min(1).max(1_000_000).nullish(),
    allow_private: z.boolean().default(false),
    follow_redirects: z.int().min(0).max(MAX_REDIRECTS).default(0),
  })
  .meta({ required: ['id', 'base_url'] }); // `type` may be left out, see withType

const sql = z
  .strictObject({
    id,
    type: z.literal('sql'),
    driver: z.enum(['sqlite', 'postgres']).default('sqlite'),
    dsn: secretText.optional(),
    database_path: z.string().min(1).max(1024).default(':memory:'),
    timeout_seconds: timeout,
  })
  .refine(({ driver, dsn }) => driver === 'sqlite' || dsn !== undefined, {
    path: ['dsn'],
    error: 'expected a dsn for postgres, such as secret:DATABASE_DSN',
  });

const vector = z.strictObject({
  id,
  type: z.literal('vector'),
  base_url: baseUrl,
  api_key: secretText.nullish(),
  timeout_seconds: timeout,
  allow_private: z.boolean().default(false),
});

export const connectorSchema = z.discriminatedUnion('type', [http, sql, vector]);

/** Result for one file; `spec` is absent if a finding is an error. `id` is what the file says, if it is a valid one. */
export interface ParsedConnector {
  readonly id?: string;
  readonly file?: string;
  readonly spec?: ConnectorSpec;
  readonly findings: readonly Finding[];
}

export function readConnector(document: ManifestDocument): ParsedConnector {
  const { file } = document;
  const parsed = connectorSchema.safeParse(withType(document.value));
  if (parsed.success) return { id: parsed.data.id, file, spec: specOf(parsed.data), findings: [] };
  const named = z.looseObject({ id }).safeParse(document.value);
  return {
    file,
    ...(named.success && { id: named.data.id }),
    findings: parsed.error.issues.map((issue) => findingOf(document, issue)),
  };
}

export interface ConnectorSet {
  readonly specs: ReadonlyMap<string, ConnectorSpec>;
  /** Path of the definition below the root, also of an invalid one that has a valid id. */
  readonly files: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

/** Two files with one id make neither count, because nobody can tell which is meant. */
export function assembleConnectors(readings: readonly ParsedConnector[]): ConnectorSet {
  const specs = new Map<string, ConnectorSpec>();
  const files = new Map<string, string>();
  const findings = readings.flatMap((reading) => reading.findings);
  for (const { id: name, file, spec } of readings) {
    if (name === undefined || file === undefined) continue;
    const taken = files.get(name);
    if (taken === undefined) {
      files.set(name, file);
      if (spec !== undefined) specs.set(name, spec);
      continue;
    }
    specs.delete(name);
    const message = `"${name}" is defined in ${taken} already, so neither counts`;
    findings.push({ severity: 'error', rule: 'duplicate_id', file, field: 'id', message });
  }
  return { specs, files, findings: sortFindings(findings) };
}

/** The predecessor's default for `type`. */
function withType(value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && !('type' in value) ? { ...value, type: 'http' } : value;
}

function specOf(data: z.output<typeof connectorSchema>): ConnectorSpec {
  const timeoutMs = Math.round(data.timeout_seconds * 1000);
  switch (data.type) {
    case 'http':
      return {
        type: 'http',
        id: data.id,
        baseUrl: data.base_url,
        headers: data.headers,
        ...(data.auth && { auth: data.auth }),
        timeoutMs,
        ...(data.rate_limit_per_minute && { rateLimitPerMinute: data.rate_limit_per_minute }),
        allowPrivate: data.allow_private,
        followRedirects: data.follow_redirects,
      };
    case 'sql':
      return {
        type: 'sql',
        id: data.id,
        driver: data.driver,
        ...(data.dsn && { dsn: data.dsn }),
        databasePath: data.database_path,
        timeoutMs,
      };
    case 'vector':
      return {
        type: 'vector',
        id: data.id,
        baseUrl: data.base_url,
        ...(data.api_key && { apiKey: data.api_key }),
        timeoutMs,
        allowPrivate: data.allow_private,
      };
  }
}

function isBaseUrl(text: string): boolean {
  // Also a ? or # without anything behind it, which the path of a call would then belong to.
  if (!URL.canParse(text) || /[\s\\?#]/.test(text)) return false;
  const { protocol, username, password, hostname } = new URL(text);
  const isPlain = username === '' && password === '' && hostname !== '';
  return /^https?:$/.test(protocol) && /^https?:\/\/[^/]/i.test(text) && isPlain;
}
