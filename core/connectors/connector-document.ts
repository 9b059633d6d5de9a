/** Connectors as `skillos connectors` shows them: secrets by name, and no value that could be one. */
import type { JsonObject, JsonValue } from '../json.ts';
import { MASK } from '../settings/masking.ts';
import type { ConnectorSet } from './connector-file.ts';
import { connectorHost } from './connector-text.ts';
import type { CallReport, ConnectorCall, ConnectorSpec, HttpSpec } from './connector.ts';
import type { SecretState } from './secret-check.ts';
import { secretKeyOf } from './secret-reference.ts';

/** One file below connectors/. */
export interface ConnectorItem extends JsonObject {
  /** Empty if the file has no valid id. */
  readonly id: string;
  readonly file: string;
  readonly valid: boolean;
  readonly type?: string;
  readonly host?: string;
  readonly secrets?: readonly SecretItem[];
  /** Why it is not valid. */
  readonly problem?: string;
}

interface SecretItem extends JsonObject {
  readonly key: string;
  readonly names: readonly string[];
  /** The name that is set here. */
  readonly found: string | null;
}

/** Returns the valid connectors by id, then the files that are not valid. */
export function connectorItems(
  { specs, files, findings }: ConnectorSet,
  states: readonly SecretState[],
): readonly ConnectorItem[] {
  const valid = [...specs.values()].map((spec) => ({
    id: spec.id,
    file: files.get(spec.id) as string, // every definition comes from a file
    valid: true,
    type: spec.type,
    host: connectorHost(spec),
    secrets: secretItems(spec.id, states),
  }));
  const ids = new Map([...files].map(([id, file]) => [file, id]));
  const broken = new Map(findings.map((finding) => [finding.file, finding]));
  const invalid = [...broken.values()].map(({ file, field, message }) => ({
    id: ids.get(file) ?? '',
    file,
    valid: false,
    problem: field === undefined ? message : `${field}: ${message}`,
  }));
  return [...valid.sort((a, b) => (a.id < b.id ? -1 : 1)), ...invalid];
}

/** Returns the fields of the definition with their defaults. */
export function connectorFields(spec: ConnectorSpec): JsonObject {
  const common = { id: spec.id, type: spec.type, timeout_seconds: spec.timeoutMs / 1000 };
  switch (spec.type) {
    case 'http':
      return {
        ...common,
        base_url: spec.baseUrl,
        headers: allShown(spec.headers),
        auth: authFields(spec.auth),
        rate_limit_per_minute: spec.rateLimitPerMinute ?? null,
        allow_private: spec.allowPrivate,
        follow_redirects: spec.followRedirects,
      };
    case 'sql':
      return {
        ...common,
        driver: spec.driver,
        ...(spec.dsn === undefined ? { database_path: spec.databasePath } : { dsn: shown(spec.dsn) }),
      };
    case 'vector':
      return {
        ...common,
        base_url: spec.baseUrl,
        api_key: spec.apiKey === undefined ? null : shown(spec.apiKey),
        allow_private: spec.allowPrivate,
      };
  }
}

function authFields(auth: HttpSpec['auth']): JsonValue {
  if (auth === undefined) return null;
  const named = auth.type === 'header' ? { header: auth.header } : {};
  return { ...allShown(auth), ...named, type: auth.type };
}

/** The secrets of one connector or skill, and under which name each was found. */
export function secretItems(owner: string, states: readonly SecretState[]): readonly SecretItem[] {
  return states
    .filter((state) => state.owner === owner)
    .map(({ key, names, found }) => ({ key, names, found: found ?? null }));
}

/** A call that changes nothing and that each server of this kind answers. */
export function harmlessCall({ type, id }: ConnectorSpec): ConnectorCall {
  switch (type) {
    case 'http':
      return { connector: id, operation: 'request', args: { method: 'HEAD' } };
    case 'sql':
      return { connector: id, operation: 'query', args: { sql: 'SELECT 1', params: [] } };
    case 'vector':
      return { connector: id, operation: 'collections', args: {} };
  }
}

/** True if the call was answered, and not with a refusal of the credentials or a failure of the server. */
export function isAnswered({ status = 200, code }: CallReport): boolean {
  return code === undefined && status < 500 && status !== 401;
}

function allShown(texts: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, shown(text)]));
}

/** A text beside a reference may be a secret that somebody wrote into the file. */
function shown(text: string): string {
  return secretKeyOf(text) === undefined ? MASK : text;
}
